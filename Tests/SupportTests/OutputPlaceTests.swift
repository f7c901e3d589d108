import Foundation
import Support
import Testing

/// What a command may write to, settled before it works.
@Suite final class OutputPlaceTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "place-\(UUID().uuidString)")
    .path

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func make(_ name: String) throws -> String {
    try DurableFile.write(Data("mine".utf8), to: "\(folder)/\(name)")
    return "\(folder)/\(name)"
  }

  private func expectRefusal(_ words: String, _ body: () throws -> Void) {
    let failure = #expect(throws: Failure.self, performing: body)
    #expect(failure?.kind == .usage)
    #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
  }

  @Test func filesAreReplacedWhenAsked() throws {
    try OutputPlace.requireFile(folder + "/new/deep/file", replacing: false)
    let file = try make("file")
    expectRefusal("replace it by --force") { try OutputPlace.requireFile(file, replacing: false) }
    try OutputPlace.requireFile(file, replacing: true)
    // A link that leads nowhere is something, too.
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "nowhere")
    expectRefusal("another --profile") {
      try OutputPlace.requireFile(folder + "/link", option: "--profile", replacing: false)
    }
  }

  @Test(arguments: ["", "/", "/new/"]) func aDirectoryIsNoFile(name: String) {
    expectRefusal("is a directory") { try OutputPlace.requireFile(folder + name, replacing: true) }
  }

  @Test func devicesStay() {
    expectRefusal("cannot be replaced") { try OutputPlace.requireFile("/dev/null", replacing: true) }
    expectRefusal("is a directory") { try OutputPlace.requireFile("", replacing: true) }
  }

  @Test func whatIsAboveMustBeADirectory() throws {
    let file = try make("file")
    expectRefusal("\(file) is not a directory that can be written to") {
      try OutputPlace.requireFile(file + "/below/it", replacing: true)
    }
  }

  @Test func directoriesHoldTheirOwnAlone() throws {
    func require(_ path: String, replacing: Bool) throws {
      try OutputPlace.requireDirectory(path, replacing: replacing, holdingOnly: ["vocab.json"].contains)
    }
    try require(folder + "/new/deep", replacing: false)
    let directory = folder + "/tokenizer"
    try DurableFile.makeDirectory(directory)
    try require(directory + "/", replacing: false)
    _ = try make("tokenizer/vocab.json")
    expectRefusal("--force") { try require(directory, replacing: false) }
    try require(directory, replacing: true)
    _ = try make("tokenizer/model.safetensors")
    for replacing in [false, true] {
      expectRefusal("holds model.safetensors") { try require(directory, replacing: replacing) }
    }
    let file = try make("file")
    expectRefusal("is not a directory") { try require(file, replacing: true) }
  }
}
