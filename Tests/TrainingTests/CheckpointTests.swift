import Essentials
import Foundation
import Testing

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

  @Test func laterCheckpointsAreDropped() throws {
    for step in [10, 20, 30] { try add(step) }
    folder.drop(after: 20)
    #expect(folder.steps == [10, 20])
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
    // A manifest never leads out of its directory.
    try damaged(17, "is missing") { directory in
      let path = directory + "/manifest.json"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try write(text.replacingOccurrences(of: #""data""#, with: #""../data""#), path)
      try write("step 17", directory + "/../data")
    }
  }
}
