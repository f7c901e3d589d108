import Foundation
import Support
import Tensors
import Testing

@testable import Configuration
@testable import Training

/// What an earlier version wrote, a store, a configuration and half a run, is read, and ends as that version ended it.
@Suite struct EarlierVersionTests {
  @Test func aRunIsResumedToTheSameBytes() throws {
    let golden = try #require(Bundle.module.url(forResource: "Golden/earlier-version", withExtension: nil))
    let folder = FileManager.default.temporaryDirectory.appending(path: "earlier-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: golden, to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let configuration = try Configuration(
      contentsOf: folder.appending(path: "config.yaml").path,
      overrides: [
        "run.directory=\(folder.path)/run", "data.train.files=\(folder.path)/store.h5",
        "data.validation.files=\(folder.path)/store.h5", "data.tokenizer=\(folder.path)/tokenizer",
      ])
    let backend = try Backend(threads: 1, precision: .float32)
    let trainer = try Trainer(configuration, resume: .automatically, communicator: .alone, on: backend)
    #expect(try trainer.run() == .finished)
    let finished = folder.appending(path: "run/checkpoints/step-00000006")
    guard GoldenCurveTests.hasSameBits else { return }
    #expect(
      try Data(contentsOf: finished.appending(path: "manifest.json"))
        == Data(contentsOf: folder.appending(path: "finished-manifest.json")))
  }
}
