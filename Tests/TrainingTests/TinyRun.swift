import Collectives
import Datasets
import Foundation
import Support
import Tensors
import Testing
import Text

@testable import Configuration
@testable import Runs
@testable import Training

/// A folder with a store, a vocabulary and a configuration of a model so small that a step takes milliseconds.
final class TinyRun {
  let folder: String
  let backend: Backend
  var configuration: Configuration

  /// - Parameters:
  ///   - overrides: as for `--set`.
  ///   - precision: of products; nil: that of the instruction set's instructions.
  init(
    _ overrides: String..., precision: Precision? = nil, contents: StoreContents = TinyRun.contents()
  ) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "training-\(UUID().uuidString)").path
    backend = try Backend(threads: 1, precision: precision)
    configuration = try Configuration(
      yaml: """
        run: {directory: \(folder)/run, seed: 5}
        data:
          train: {files: \(folder)/store.h5}
          validation: {files: \(folder)/store.h5, split: val}
          tokenizer: \(folder)/tokenizer
        model:
          language_model: {layers: 1, width: 16, heads: 2, positions: 24}
          mapper: {kind: mlp, prefix_length: 2}
        train: {steps: 6, batch_size: 4, lanes: 2}
        optimizer: {learning_rate: 1.0e-2}
        schedule: {shape: constant}
        checkpoint: {every_steps: 3, keep: 10}
        log: {every_steps: 100, tensorboard: false}
        """, source: "the test", overrides: overrides)
    try contents.write(to: "\(folder)/store.h5")
    try BPETrainer(vocabularySize: 270).train(on: contents.captionTexts).save(to: "\(folder)/tokenizer")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var directory: RunDirectory { RunDirectory(configuration.run.directory) }
  var checkpoints: CheckpointFolder { CheckpointFolder(path: directory.checkpoints) }

  /// The configuration with other values for some keys.
  func configured(_ overrides: String...) throws -> Configuration {
    try Configuration(yaml: configuration.yaml(), source: "the test", overrides: overrides)
  }

  func trainer(_ configuration: Configuration? = nil, resume: ResumePolicy = .never) throws -> Trainer {
    try Trainer(
      configuration ?? self.configuration, resume: resume, communicator: .alone, on: backend)
  }

  @discardableResult
  func train(_ configuration: Configuration? = nil, resume: ResumePolicy = .never) throws -> RunEnding {
    try trainer(configuration, resume: resume).run()
  }

  /// Trains a language model of the configuration's size for a step.
  /// - Returns: a directory that a run can start from.
  func languageModel(seed: Int = 5) throws -> String {
    let directory = "\(folder)/language-model-\(seed)"
    try train(
      configured(
        "run.directory=\(directory)", "run.seed=\(seed)", "model.mapper.kind=none", "train.steps=1",
        "checkpoint.every_steps=null"))
    return CheckpointFolder(path: directory + "/checkpoints").directory(ofStep: 1)
  }

  func state(ofStep step: Int) throws -> RunState {
    try Checkpoint(checkpoints.directory(ofStep: step)).state
  }

  /// The lines of `metrics.jsonl`, decoded.
  func metrics() throws -> [[String: Double]] {
    let text = try String(contentsOfFile: directory.metrics, encoding: .utf8)
    return try text.split(separator: "\n").map {
      try JSONDecoder().decode([String: JSONNumber].self, from: Data($0.utf8)).mapValues(\.value)
    }
  }

  /// Six training images and two for validation, each with two captions and an embedding of eight floats.
  static func contents(encoder: String = "test") -> StoreContents {
    let colors = ["red", "green", "blue", "yellow", "purple", "orange", "black", "white"]
    let embeddings = (0..<64).map { (i: Int) -> Float in Float((i / 8 * 5 + i % 8 * 3) % 11) / 4 - 1 }
    return StoreContents(
      encoder: encoder, normalized: false, source: "TinyRun", width: 8, embeddings: .float32(embeddings),
      imageIDs: colors, splits: colors.indices.map { $0 < 6 ? "train" : "val" },
      captionTexts: colors.flatMap { ["a \($0) circle", "two \($0) squares!"] },
      captionRows: colors.indices.flatMap { [$0, $0] })
  }
}

/// A number or, as 0 and 1, a boolean.
private struct JSONNumber: Decodable {
  let value: Double

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      value = flag ? 1 : 0
    } else {
      value = try container.decode(Double.self)
    }
  }
}

/// Expects a failure of `kind`, told in one sentence that holds each of `words`.
func expectFailure(
  _ kind: Failure.Kind, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("nothing was refused", sourceLocation: sourceLocation)
  } catch {
    guard let failure = error as? Failure ?? (error as? CollectiveFailure)?.failure else {
      Issue.record(error, sourceLocation: sourceLocation)
      return
    }
    let sentence = failure.description
    #expect(failure.kind == kind, "\(sentence)", sourceLocation: sourceLocation)
    #expect(!sentence.contains("\n"), "\(sentence)", sourceLocation: sourceLocation)
    #expect(sentence.last.map(".?".contains) == true, "\(sentence)", sourceLocation: sourceLocation)
    for word in words {
      #expect(sentence.contains(word), "“\(sentence)” lacks “\(word)”", sourceLocation: sourceLocation)
    }
  }
}
