import Foundation
import Models
import Support
import Testing

@testable import Datasets
@testable import Runs
@testable import Training

/// Checkpoints as files: complete or absent, verified, kept and removed.
@Suite final class CheckpointTests {
  private let folder: CheckpointFolder

  init() throws {
    folder = CheckpointFolder(
      path: FileManager.default.temporaryDirectory.appending(path: "checkpoints-\(UUID().uuidString)").path)
    try DurableFile.makeDirectory(folder.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder.path) }

  private func add(_ step: Int) throws {
    try folder.add(step: step) { try Data("step \(step)".utf8).write(to: URL(fileURLWithPath: $0 + "/data")) }
  }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  @Test func completeOrAbsent() throws {
    try add(3)
    #expect(folder.steps == [3])
    #expect(throws: CancellationError.self) {
      do {
        try folder.add(step: 4) { directory in
          try Data("half".utf8).write(to: URL(fileURLWithPath: directory + "/data"))
          throw CancellationError()
        }
      } catch let failure as Failure {
        #expect(failure.kind == .runtime)
        throw CancellationError()
      }
    }
    #expect(try names == ["step-00000003"])
  }

  @Test func namesSortLikeSteps() {
    #expect(CheckpointFolder.name(ofStep: 120) == "step-00000120")
    #expect(CheckpointFolder.name(ofStep: 123_456_789) == "step-123456789")
  }

  @Test func purgeKeepsTheNewestAndTheBest() throws {
    for step in [10, 20, 30, 40, 50] { try add(step) }
    folder.purge(keep: 2, best: 20)
    #expect(folder.steps == [20, 40, 50])
    folder.purge(keep: 2, best: nil)
    #expect(folder.steps == [40, 50])
    folder.purge(keep: 5, best: 10)
    #expect(folder.steps == [40, 50])
  }

  @Test func remainsOfAKillAreRemoved() throws {
    try add(10)
    for remains in ["partial-step-00000020", "step-00000030", "other"] {
      try DurableFile.makeDirectory("\(folder.path)/\(remains)")
      try Data().write(to: URL(fileURLWithPath: "\(folder.path)/\(remains)/data"))
    }
    #expect(folder.steps == [10])
    folder.purge(keep: 2, best: nil)
    // What is not ours stays.
    #expect(try names == ["other", "step-00000010"])
  }

  private func state(ofStep step: Int, best: Int?) -> RunState {
    let any = Fingerprint(of: Data())
    var state = RunState(
      identity: RunIdentity(
        seed: 1, batchSize: 1, lanes: 1, tokenizer: any, captionTexts: any, shuffleWindow: nil,
        embeddings: EmbeddingSpec(encoder: "test", width: 1, normalized: false),
        model: ClipCapConfiguration(
          mapper: nil, embeddingWidth: 1,
          languageModel: GPT2Configuration(vocabularySize: 1, positions: 1, width: 1, layers: 1, heads: 1)),
        precision: .float32, roundingNodes: nil))
    (state.step, state.bestStep) = (step, best)
    return state
  }

  private func target(of link: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder.path)/\(link)")
  }

  @Test func goingBackDropsLaterCheckpoints() throws {
    for step in [10, 20, 30] { try add(step) }
    try folder.link("latest", toStep: 30)
    try folder.link("best", toStep: 30)
    try folder.rewind(to: state(ofStep: 20, best: 10))
    #expect(folder.steps == [10, 20])
    #expect(target(of: "latest") == "step-00000020")
    #expect(target(of: "best") == "step-00000010")
    try folder.rewind(to: state(ofStep: 10, best: 5))
    #expect(try names == ["latest", "step-00000010"])
  }

  @Test func aStepIsReplaced() throws {
    try add(10)
    try folder.add(step: 10) { try Data("again".utf8).write(to: URL(fileURLWithPath: $0 + "/data")) }
    #expect(try names == ["step-00000010"])
    #expect(
      FileManager.default.contents(atPath: folder.directory(ofStep: 10) + "/data") == Data("again".utf8))
  }

  @Test func linksMove() throws {
    for step in [10, 20] {
      try add(step)
      try folder.link("latest", toStep: step)
      let target = try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/latest")
      #expect(target == CheckpointFolder.name(ofStep: step))
    }
    #expect(try names == ["latest", "step-00000010", "step-00000020"])
  }

  @Test func damageIsFound() throws {
    let files = FileManager.default
    func damaged(_ step: Int, _ words: String, _ damage: (_ directory: String) throws -> Void) throws {
      try add(step)
      let directory = folder.directory(ofStep: step)
      try Manifest(readingFrom: directory).verify(directory)
      try damage(directory)
      expectFailure(.badData, words, directory) {
        try Manifest(readingFrom: directory).verify(directory)
      }
    }
    func write(_ text: String, _ path: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
    try damaged(11, "bytes") { try write("step", $0 + "/data") }
    try damaged(12, "SHA-256") { try write("stop 12", $0 + "/data") }
    try damaged(13, "is missing") { try files.removeItem(atPath: $0 + "/data") }
    try damaged(14, "has no manifest.json") { try files.removeItem(atPath: $0 + "/manifest.json") }
    try damaged(15, "damaged or not Capstan's") { try write("{}", $0 + "/manifest.json") }
    try damaged(16, "version 2") { directory in
      let path = directory + "/manifest.json"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains(#""version" : 1"#))
      try write(text.replacingOccurrences(of: #""version" : 1"#, with: #""version" : 2"#), path)
    }
    // A manifest never leads out of its directory, nor does a link.
    try damaged(17, "leads out") { directory in
      let path = directory + "/manifest.json"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try write(text.replacingOccurrences(of: #""data""#, with: #""../data""#), path)
      try write("step 17", directory + "/../data")
    }
    for (step, name) in [(18, "data"), (19, "manifest.json")] {
      try damaged(step, name == "data" ? "no regular file" : "has no manifest.json") { directory in
        let outside = "\(folder.path)/\(step)-\(name)"
        try files.moveItem(atPath: "\(directory)/\(name)", toPath: outside)
        try files.createSymbolicLink(atPath: "\(directory)/\(name)", withDestinationPath: outside)
      }
    }
    #expect(throws: Failure.self) {
      let directory = folder.directory(ofStep: 10)
      try add(10)
      try Manifest(readingFrom: directory).verify(directory, required: ["other"])
    }
  }

  /// Checkpoints that are links are none, and whatever removes them leaves alone what they lead to.
  @Test func linksOutAreNotFollowed() throws {
    let files = FileManager.default
    try add(10)
    let outside = folder.path + "-outside"
    defer { try? files.removeItem(atPath: outside) }
    try files.moveItem(atPath: folder.directory(ofStep: 10), toPath: outside)
    try files.createSymbolicLink(atPath: folder.directory(ofStep: 10), withDestinationPath: outside)
    try files.createSymbolicLink(atPath: folder.path + "/partial-x", withDestinationPath: outside)
    try add(20)
    try files.createSymbolicLink(
      atPath: folder.directory(ofStep: 20) + "/inner", withDestinationPath: outside)
    #expect(folder.steps == [20])
    expectFailure(.badData, "has no manifest.json") {
      _ = try Manifest(readingFrom: folder.directory(ofStep: 10))
    }
    try files.createSymbolicLink(atPath: folder.path + "/latest", withDestinationPath: outside)
    for path in ["latest", "step-00000010"] {
      expectFailure(.badData, "no link to a complete checkpoint beside it") {
        _ = try CheckpointFolder.resolve("\(folder.path)/\(path)")
      }
    }
    try add(30)
    folder.purge(keep: 1, best: nil)
    #expect(try names == ["latest", "step-00000030"])
    #expect(try files.contentsOfDirectory(atPath: outside).sorted() == ["data", "manifest.json"])
  }
}
