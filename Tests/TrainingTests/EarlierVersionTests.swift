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
    guard GoldenCurveTests.hasSameBits else { return }
    let found = try Files(folder.appending(path: "run/checkpoints/step-00000006/manifest.json"))
    let expected = try Files(folder.appending(path: "finished-manifest.json"))
    // The state of a run is written in other words now.
    for name in ["model.safetensors", "optimizer.safetensors"] {
      #expect(found.files[name] != nil && found.files[name] == expected.files[name], "\(name)")
    }
  }

  private struct Files: Decodable {
    struct Entry: Decodable, Equatable {
      let bytes: Int
      let sha256: String
    }
    let files: [String: Entry]

    init(_ path: URL) throws { self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: path)) }
  }
}
