import FileFormats
import Foundation
import Models
import Support
import Testing
import Text

@testable import Configuration
@testable import Runs
@testable import Training

/// Runs that start from another run's weights.
@Suite struct WarmStartTests {
  /// A first step at a learning rate of zero leaves the weights as they came.
  private static let still = ["train.steps=1", "schedule.warmup_steps=5", "schedule.starts_at_zero=true"]

  private func weights(_ folder: String, step: Int) throws -> Data {
    try Data(
      contentsOf: URL(
        fileURLWithPath: CheckpointFolder(path: "\(folder)/checkpoints").directory(ofStep: step)
          + "/model.safetensors"))
  }

  private func configuration(_ run: TinyRun, from start: String, _ overrides: String...) throws
    -> Configuration
  {
    try Configuration(
      yaml: run.configuration.yaml(), source: "the test",
      overrides: Self.still + [
        "run.directory=\(run.folder)/second", "model.init_from=\(start)", "data.tokenizer=null",
      ] + overrides)
  }

  @Test func aRunStartsWithAllWeightsOfAnother() throws {
    let run = try TinyRun("train.steps=3")
    try run.train()
    // The vocabulary and the sizes of the language model come with it; 12 layers are the default.
    let changed = try configuration(
      run, from: run.checkpoints.directory(ofStep: 3), "model.language_model.layers=12")
    try run.train(changed)
    #expect(
      try weights(run.directory.path, step: 3) == weights(run.folder + "/second", step: 1))
    let second = RunDirectory(run.folder + "/second")
    let written = try Configuration(contentsOf: second.configuration)
    #expect(written.model.clipCap.languageModel.layers == 1)
    #expect(written.differences(from: changed).map(\.key) == ["model.language_model.layers"])
    #expect(
      try AnyModelConfiguration(StoredModel(second.path).description.model)
        == AnyModelConfiguration(StoredModel(run.directory.path).description.model))
  }

  @Test func aFrozenRunKeepsTheStartsLanguageModel() throws {
    let run = try TinyRun("train.steps=3")
    try run.train()
    try run.train(
      configuration(
        run, from: run.checkpoints.directory(ofStep: 3), "model.language_model.frozen=true", "run.seed=9"))
    let started = try StoredModel(run.folder + "/second").weights()
    let first = try StoredModel(run.checkpoints.directory(ofStep: 3)).weights()
    let parameters = try StoredModel(run.directory.path).description.model.makeModel(
      startToken: 0, dropout: 0
    )
    .parameters
    for parameter in parameters {
      #expect(started[parameter]?.bytes == first[parameter]?.bytes, "\(parameter.name)")
    }
  }

  @Test func whatDiffersIsNamed() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    let start = run.directory.path
    func refuse(_ words: String..., kind: Failure.Kind = .usage, overrides: String) throws {
      for word in words {
        expectFailure(kind, word) { _ = try run.trainer(configuration(run, from: start, overrides)) }
      }
    }
    try refuse(
      "an MLP with a prefix of 2", "set model.mapper.kind=mlp model.mapper.prefix_length=2",
      overrides: "model.mapper.prefix_length=3")
    try refuse("no mapping network", overrides: "model.mapper.kind=none")
    try refuse(
      "model.language_model.layers is 4", "brings 1 with it", overrides: "model.language_model.layers=4")
    try refuse("model.language_model.size is gpt2, but", overrides: "model.language_model.size=gpt2")
    try refuse("model.normalize_embeddings is true", overrides: "model.normalize_embeddings=true")
    try BPETrainer(vocabularySize: 260).train(on: ["other words"]).save(to: run.folder + "/other")
    try refuse("another vocabulary", overrides: "data.tokenizer=\(run.folder)/other")
    try TinyRun.contents(encoder: "other").write(to: run.folder + "/other.h5")
    try refuse(
      "was trained on embeddings of", kind: .badData,
      overrides: "data={train: {files: \(run.folder)/other.h5}, validation: {files: \(run.folder)/other.h5}}")
    expectFailure(.usage, "leave one of them out") {
      _ = try configuration(run, from: start, "model.language_model.directory=x")
    }
  }
}
