import Captioning
import Collectives
import Foundation
import Support
import Tensors
import Testing

@testable import Configuration
@testable import Datasets
@testable import Models
@testable import Runs
@testable import Training

/// What every family goes through without being named there.
@Suite struct ModelFamilyTests {
  private static let mergeRNN = [
    "model.family=merge_rnn", "model.merge_rnn.width=12", "train.loss_reduction=sum",
  ]

  private func run(_ overrides: String...) throws -> TinyRun {
    let run = try TinyRun()
    run.configuration = try Configuration(
      yaml: run.configuration.yaml(), source: "the test", overrides: Self.mergeRNN + overrides)
    return run
  }

  @Test func trainsResumesAndCaptions() throws {
    let run = try run("validation.every_steps=3")
    #expect(try run.train() == .finished)
    let losses = try run.metrics().compactMap { $0["loss"] }
    #expect(losses.count == 6 && losses[5] < losses[0])
    let whole = run.folder + "/whole"
    try FileManager.default.copyItem(atPath: run.checkpoints.directory(ofStep: 6), toPath: whole)
    #expect(try run.train(resume: .from(run.checkpoints.directory(ofStep: 3))) == .finished)
    for file in ["model.safetensors", "optimizer.safetensors", "state.json"] {
      let path = "/" + file
      #expect(
        try Data(contentsOf: URL(filePath: whole + path))
          == Data(contentsOf: URL(filePath: run.checkpoints.directory(ofStep: 6) + path)), "\(file)")
    }
    let trained = try LoadedModel(path: run.directory.path, on: run.backend)
    #expect(trained.model is MergeRNN)
    let images = try ImageDataset([EmbeddingStore(path: run.folder + "/store.h5")], split: "val")
    let captions = try trained.captioner(method: BeamSearch(beams: 2), maxTokens: 8).captions(
      of: images, .alone)
    #expect(captions.count == 2)
  }

  /// Every family is run dry.
  @Test func theMemoryOfAnyFamilyIsPredicted() throws {
    let run = try run()
    let model = MergeRNNConfiguration(vocabularySize: 300, embeddingWidth: 8, width: 12)
    let estimate = try MemoryEstimate(
      run.configuration, model, lengths: Array(repeating: 9, count: 4), embeddingWidth: 8, precision: .float32
    )
    let parameters = model.makeModel(startToken: 0, dropout: 0).parameters.reduce(0) {
      $0 + $1.count.padded(to: 16)
    }
    #expect(estimate.weights == 4 * parameters && estimate.gradients == 4 * parameters)
    #expect(estimate.activations > 4 * 36 * 12 * 4 && estimate.pass > estimate.activations)
  }

  @Test func keysOfAnotherFamilyAreNamed() throws {
    let warnings = try run("model.mapper.kind=linear").configuration.warnings(totalSteps: 6)
    #expect(
      warnings.contains(
        "model.mapper.kind has no effect, for it is of the family clipcap and model.family is merge_rnn."))
    #expect(try !TinyRun().configuration.warnings(totalSteps: 6).contains { $0.contains("no effect") })
  }

  @Test func anUnknownFamilyIsRefused() throws {
    expectFailure(.usage, "model.family is “clipcup”", "clipcap, merge_rnn") {
      _ = try TinyRun("model.family=clipcup")
    }
  }

  @Test func aCheckpointOfAnotherFamilyIsRefused() throws {
    let run = try run("train.steps=1")
    try run.train()
    let clipCap = try run.configured("model.family=clipcap", "train.steps=2")
    expectFailure(.usage, "model.family merge_rnn, but it is clipcap") {
      try run.train(clipCap, resume: .automatically)
    }
    let start = try run.configured(
      "model.family=clipcap", "run.directory=\(run.folder)/second", "model.init_from=\(run.directory.path)")
    expectFailure(.usage, "is of the family merge_rnn, but model.family is clipcap") { try run.train(start) }
    let other = try run.configured(
      "model.merge_rnn.width=8", "run.directory=\(run.folder)/second", "model.init_from=\(run.directory.path)"
    )
    expectFailure(.usage, "has a width of 12, but model.merge_rnn.width is 8") { try run.train(other) }
  }

  /// What a run's start says of a model: each parameter is of one part.
  @Test func theStartNamesEveryPart() throws {
    let clipCap = ClipCapConfiguration(
      mapper: .mlp(prefixLength: 10), embeddingWidth: 6,
      languageModel: GPT2Configuration(vocabularySize: 9, positions: 20, width: 4, layers: 1, heads: 2))
    var plain = clipCap
    (plain.mapper, plain.embeddingWidth) = (nil, 0)
    let mergeRNN = MergeRNNConfiguration(vocabularySize: 9, embeddingWidth: 6, width: 7)
    let cases: [(any ModelFamily, any ModelConfiguration, [String])] = [
      (ClipCapSection(), clipCap, ["language model: GPT-2 of 1 layers", "mapping network: an MLP"]),
      (ClipCapSection(), plain, ["language model: GPT-2 of 1 layers"]),
      (MergeRNNSection(), mergeRNN, [":"]),
    ]
    for (section, configuration, words) in cases {
      let model = configuration.makeModel(startToken: 0, dropout: 0)
      let parts = section.parts(of: model)
      #expect(Set(parts.flatMap(\.parameters).map(\.name)) == Set(model.parameters.map(\.name)))
      #expect(parts.reduce(0) { $0 + $1.parameters.count } == model.parameters.count)
      let said = parts.map { "\($0.name): \($0.description)" }
      #expect(said.count == words.count && zip(said, words).allSatisfy { $0.contains($1) }, "\(said)")
    }
  }

  /// Each family by its name, and what was written before there were families.
  @Test func configurationsComeBackFromJSON() throws {
    let clipCap = ClipCapConfiguration(
      mapper: .transformer(prefixLength: 3, clipLength: 4, layers: 2, heads: 5), embeddingWidth: 6,
      languageModel: GPT2Configuration(vocabularySize: 9, positions: 10, width: 20, layers: 1, heads: 2))
    let models: [any ModelConfiguration] = [
      clipCap, MergeRNNConfiguration(vocabularySize: 9, embeddingWidth: 6, width: 7),
    ]
    for model in models {
      let data = try JSON.encoder().encode(AnyModelConfiguration(model))
      #expect(
        try JSON.decoder().decode(AnyModelConfiguration.self, from: data) == AnyModelConfiguration(model))
    }
    let description = ModelDescription(
      model: clipCap, embeddings: nil, normalizesEmbeddings: true, endToken: false,
      tokenizer: Fingerprint(of: Data()), step: 3, origin: "here")
    let written = try JSON.encoder().encode(description)
    #expect(try JSON.decoder().decode(ModelDescription.self, from: written) == description)
    var fields = try #require(try JSONSerialization.jsonObject(with: written) as? [String: Any])
    let model = try #require(fields.removeValue(forKey: "model") as? [String: Any])
    fields["sizes"] = model["configuration"]
    let former = try JSONSerialization.data(withJSONObject: fields)
    #expect(try JSON.decoder().decode(ModelDescription.self, from: former) == description)
    let unknown = Data(#"{"family": "other", "configuration": {}}"#.utf8)
    expectFailure(.badData, "family other", "clipcap, merge_rnn") {
      _ = try JSON.decoder().decode(AnyModelConfiguration.self, from: unknown)
    }
  }
}
