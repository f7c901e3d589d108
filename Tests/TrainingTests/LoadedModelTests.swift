import Captioning
import Collectives
import Datasets
import FileFormats
import Foundation
import Support
import Tensors
import Testing
import Text

@testable import Configuration
@testable import Runs
@testable import Training

/// Runs of a few seconds, opened again to caption.
@Suite struct LoadedModelTests {
  private static let phrases = [
    "a red circle .", "two blue squares .", "three green stars .", "a large yellow triangle .",
  ]

  /// Images that show one phrase each, which their embedding tells with some noise.
  private static func contents(encoder: String = "toy", width: Int = 6, normalized: Bool = false)
    -> StoreContents
  {
    var random = Philox(seed: 3, stream: "images")
    let count = 150
    let values = (0..<count).flatMap { image in
      (0..<width).map { Float(0.1 * random.normal()) + ($0 == image % phrases.count ? 1 : 0) }
    }
    return StoreContents(
      encoder: encoder, normalized: normalized, source: "test", width: width, embeddings: .float32(values),
      imageIDs: (0..<count).map { "\($0 + 7)" },
      splits: (0..<count).map { $0 < 80 ? "train" : "val" },
      captionTexts: (0..<count).map { phrases[$0 % phrases.count] }, captionRows: Array(0..<count))
  }

  private static func inDirectory(_ body: (_ directory: String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try contents().write(to: directory + "/toy.h5")
    try BPETrainer(vocabularySize: 300).train(on: phrases).save(to: directory + "/tokenizer")
    try body(directory)
  }

  /// Trains in `directory`/run.
  private static func train(_ directory: String, steps: Int, _ overrides: String..., on backend: Backend)
    throws
  {
    let settings = [
      "run.directory=\(directory)/run", "data.train.files=[\(directory)/toy.h5]",
      "data.validation.files=[\(directory)/toy.h5]", "data.tokenizer=\(directory)/tokenizer",
      "model.language_model.layers=1", "model.language_model.width=32", "model.language_model.heads=2",
      "model.language_model.positions=24", "model.language_model.dropout=0", "model.mapper.prefix_length=2",
      "train.steps=\(steps)", "train.batch_size=16", "train.lanes=2", "optimizer.learning_rate=0.01",
      "log.tensorboard=false", "log.every_steps=1000",
    ]
    let configuration = try Configuration(yaml: "{}", source: "test", overrides: settings + overrides)
    _ = try Trainer(configuration, resume: .never, communicator: .alone, on: backend).run()
  }

  @Test func captionsWhatItHasLearnt() throws {
    let backend = try Backend(threads: 2)
    try Self.inDirectory { directory in
      try Self.train(directory, steps: 60, on: backend)
      let run = directory + "/run"
      let images = try ImageDataset([EmbeddingStore(path: directory + "/toy.h5")], split: "val")
      // More images than one group.
      #expect(images.count == 70 && images.count > 2 * Captioner.groupSize)
      let expected = (80..<150).map { Self.phrases[$0 % Self.phrases.count] }
      let methods: [any DecodingMethod] = [
        GreedyDecoding(), BeamSearch(beams: 3), NucleusSampling(topP: 0.5, seed: 1),
        BeamSearch(beams: 3, scoring: .lengthNormalized(exponent: 0.7)),
      ]
      for path in [run, run + "/checkpoints/latest", run + "/checkpoints/step-00000060/"] {
        let trained = try LoadedModel(path: path, on: backend)
        #expect(trained.source.description.step <= 60 && trained.source.path.contains("/checkpoints/step-"))
        for method in methods {
          var told: [Int] = []
          let captions = try trained.captioner(method: method).captions(of: images, .alone) {
            told.append($0)
          }
          #expect(captions == expected)
          #expect(told == [32, 64, 70])
        }
      }
      let session = try CaptioningSession(run, DecodingOptions(), communicator: .alone, on: backend)
      let first = try session.images(of: [directory + "/toy.h5"], split: "val", limit: 5)
      #expect(try session.captions(of: first) { _ in } == Array(expected.prefix(5)))
      expectFailure(.badData, "has no image of the split “test”") {
        _ = try session.images(of: [directory + "/toy.h5"], split: "test")
      }
      let trained = try LoadedModel(path: run, on: backend)
      let short = try trained.captioner(method: GreedyDecoding(), maxTokens: 1)
      #expect(try Set(short.captions(of: images, .alone)).isSubset(of: ["a", "two", "three"]))
      #expect(
        try trained.captioner(method: GreedyDecoding(), maxTokens: 23).captions(of: images, .alone)
          == expected)
      expectFailure(.usage, "24", "between 1 and 23") {
        _ = try trained.captioner(method: GreedyDecoding(), maxTokens: 24)
      }
    }
  }

  /// ClipCap's convention: no end token is learned, and the full stop ends a caption and belongs to it.
  @Test func aRunWithoutEndTokenStopsAtTheFullStop() throws {
    let backend = try Backend(threads: 2)
    try Self.inDirectory { directory in
      try Self.train(directory, steps: 60, "data.end_token=false", on: backend)
      let images = try ImageDataset([EmbeddingStore(path: directory + "/toy.h5")], split: "val", limit: 4)
      let captioner = try LoadedModel(path: directory + "/run", on: backend).captioner(
        method: GreedyDecoding())
      #expect(try captioner.captions(of: images, .alone) == Self.phrases)
    }
  }

  @Test func aFrozenLanguageModelIsTheRunsOwn() throws {
    let backend = try Backend(threads: 2)
    try Self.inDirectory { directory in
      let model = directory + "/language-model"
      try Self.train(directory, steps: 1, "model.mapper.kind=none", "run.directory=\(model)", on: backend)
      try Self.train(
        directory, steps: 2, "model.language_model.frozen=true",
        "model.language_model.directory=\(model)/checkpoints/latest", on: backend)
      let trained = try LoadedModel(path: directory + "/run", on: backend)
      let tokens = trained.model.head.weight
      let file = try SafetensorsFile(path: directory + "/run/frozen.safetensors")
      #expect(try file.floats(of: tokens.name) == tokens.value.elements)
      #expect(tokens.value.elements.contains { $0 != 0 })
      try FileManager.default.removeItem(atPath: directory + "/run/frozen.safetensors")
      expectFailure(.badData, "frozen.safetensors") {
        _ = try LoadedModel(path: directory + "/run", on: backend)
      }
    }
  }

  @Test func onlyTheEmbeddingsOfTrainingFit() throws {
    let backend = try Backend(threads: 1)
    try Self.inDirectory { directory in
      try Self.train(directory, steps: 1, on: backend)
      let trained = try LoadedModel(path: directory + "/run", on: backend)
      func check(_ contents: StoreContents) throws {
        let path = directory + "/other.h5"
        try contents.write(to: path)
        try trained.requireFit(of: [EmbeddingStore(path: path)])
      }
      try check(Self.contents())
      expectFailure(.badData, "other.h5", "other, width 6", "toy, width 6") {
        try check(Self.contents(encoder: "other"))
      }
      expectFailure(.badData, "toy, width 8", "toy, width 6") { try check(Self.contents(width: 8)) }
      expectFailure(.badData, "width 6, normalized", "width 6, not normalized") {
        try check(Self.contents(normalized: true))
      }
    }
  }

  @Test func whatIsNoTrainedCaptionerIsRefused() throws {
    let backend = try Backend(threads: 1)
    try Self.inDirectory { directory in
      expectFailure(.usage, "neither a run directory") { _ = try LoadedModel(path: directory, on: backend) }
      expectFailure(.usage, "neither a run directory") {
        _ = try LoadedModel(path: directory + "/none", on: backend)
      }
      try Self.train(directory, steps: 1, "model.mapper.kind=none", on: backend)
      let run = directory + "/run"
      let plain = try LoadedModel(path: run, on: backend)
      expectFailure(.usage, "plain language model") { _ = try plain.captioner(method: GreedyDecoding()) }

      let weights = plain.source.path + "/model.safetensors"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: weights))
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: URL(fileURLWithPath: weights))
      expectFailure(.badData, "SHA-256") { _ = try LoadedModel(path: run, on: backend) }

      try FileManager.default.removeItem(atPath: run + "/checkpoints")
      expectFailure(.usage, "no checkpoint yet") { _ = try LoadedModel(path: run, on: backend) }
    }
  }
}
