import Foundation
import Support
import Testing

/// Files that are complete or absent, whatever lies in their way.
@Suite final class DurableFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "durable-\(UUID().uuidString)")
    .path
  private let files = FileManager.default

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private var names: [String] { get throws { try files.contentsOfDirectory(atPath: folder).sorted() } }

  @Test func completeOrAsItWas() throws {
    let path = folder + "/deep/file"
    try DurableFile.write(Data("one".utf8), to: path)
    #expect(throws: CancellationError.self) {
      try DurableFile.write(to: path) { temporary in
        try Data("half".utf8).write(to: URL(fileURLWithPath: temporary))
        throw CancellationError()
      }
    }
    #expect(throws: CancellationError.self) {
      try DurableFile.write(to: folder + "/new/file") { _ in throw CancellationError() }
    }
    #expect(try names == ["deep"])
    #expect(files.contents(atPath: path) == Data("one".utf8))
    #expect(try files.contentsOfDirectory(atPath: folder + "/deep") == ["file"])
  }

  @Test func linksAreNotWrittenThrough() throws {
    try DurableFile.write(Data("mine".utf8), to: folder + "/outside")
    for name in ["file", "file.partial-\(getpid())"] {
      try files.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: folder + "/outside")
    }
    try DurableFile.write(Data("new".utf8), to: folder + "/file")
    #expect(FileKind(folder + "/file") == .file)
    #expect(files.contents(atPath: folder + "/outside") == Data("mine".utf8))
    try files.createSymbolicLink(atPath: folder + "/log", withDestinationPath: folder + "/outside")
    #expect(throws: Failure.self) { _ = try OutputFile(appendingTo: folder + "/log") }
    #expect(throws: Failure.self) { _ = try OutputFile(creating: folder + "/log") }
  }

  @Test func directoriesAreReplacedWhole() throws {
    for content in ["one", "two"] {
      // What a job with the same process number left half-written is no part of it.
      try DurableFile.write(Data(), to: "\(folder)/model.partial-\(getpid())/remains")
      try DurableFile.writeDirectory(to: folder + "/model") {
        try DurableFile.write(Data(content.utf8), to: "\($0)/\(content)")
      }
      #expect(try files.contentsOfDirectory(atPath: folder + "/model") == [content])
      #expect(try names == ["model"])
    }
  }

  @Test func remainsOfKilledWritersAreRemoved() throws {
    for name in ["config.yaml", "config.yaml.partial-1", "frozen.safetensors.partial-22"] {
      try DurableFile.write(Data(), to: "\(folder)/\(name)")
    }
    DurableFile.removeStaleTemporaries(in: folder)
    #expect(try names == ["config.yaml"])
  }

  @Test func whatTheSystemRefusesIsOneSentence() throws {
    try DurableFile.write(Data(), to: folder + "/file")
    let refusals: [() throws -> Void] = [
      { try DurableFile.makeDirectory(self.folder + "/file") },
      { try DurableFile.write(Data(), to: self.folder + "/file/below") },
      { try DurableFile.rename(self.folder + "/none", to: self.folder + "/other") },
      { try DurableFile.synchronize(self.folder + "/none") },
      { _ = try OutputFile(creating: self.folder) },
    ]
    for refusal in refusals {
      let failure = #expect(throws: Failure.self, performing: refusal)
      #expect(failure?.kind == .runtime)
      #expect(failure?.description.contains(/^Could not .*: [A-Z][a-z ]+; free some space, .*\.$/) == true)
    }
  }
}
