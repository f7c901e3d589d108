import Datasets
import FileFormats
import Foundation
import Support
import Testing
import Text

@testable import Runs
@testable import Training

/// What can be wrong with the files of a run is found before its directory is made, and without a start too. Faults of the stores themselves
/// are tested where stores are read (`EmbeddingStoreFaultTests`), of pickles there too (`ImportClipCapTests`).
@Suite struct BadInputTests {
  private func expectRefusal(
    of run: TinyRun, _ kind: Failure.Kind, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectFailure(kind, words, sourceLocation: sourceLocation) { _ = try run.trainer() }
    expectFailure(kind, words, sourceLocation: sourceLocation) {
      try Trainer.requireStart(
        of: run.configuration, resume: .never, communicator: .alone, on: run.backend)
    }
    #expect(
      !FileManager.default.fileExists(atPath: run.directory.path), sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    ("data.train.files=/nowhere/store.h5", Failure.Kind.badData, "/nowhere/store.h5"),
    ("data.train.split=test", .badData, "data.train.split is “test”"),
    ("data.validation.split=test", .badData, "data.validation.split is “test”"),
    ("data.tokenizer=/nowhere", .badData, "/nowhere"),
    ("model.language_model.directory=/nowhere", .badData, "/nowhere"),
    ("model.language_model.heads=3", .usage, "model.language_model"),
    ("model.language_model.width=15", .usage, "model.language_model"),
    ("model.mapper={kind: transformer, heads: 3}", .usage, "model.mapper.heads"),
    ("model.mapper.prefix_length=24", .usage, "model.mapper.prefix_length"),
    ("train.batch_size=13", .usage, "train.batch_size is 13"),
    ("train.batch_size=9223372036854775807", .usage, "train.batch_size"),
    ("train.accumulation_steps=4", .usage, "train.accumulation_steps is 4"),
    ("model.language_model.frozen=true", .usage, "its weights are random"),
    ("model.language_model.size=gpt2-medium", .usage, "layers is 1, but gpt2-medium brings 24"),
    ("validation.patience=2", .usage, "could never stop early"),
    (
      "data.caption_tokens=3", .usage,
      "longer than data.caption_tokens = 3, and would be cut to almost nothing"
    ),
    ("model.mapper.prefix_length=23", .usage, "the 2 tokens that the language model's positions leave"),
  ])
  func refusedConfigurations(override: String, kind: Failure.Kind, words: String) throws {
    let held = override.hasPrefix("validation.patience") ? "data.validation.files=null" : "run.seed=5"
    expectRefusal(of: try TinyRun(override, held), kind, words)
  }

  @Test(arguments: [
    (3, "train.batch_size=8", "train.batch_size is 8, which 3 ranks"),
    (4, "train.batch_size=8", "There are 4 ranks"),
    (2, "train.accumulation_steps=2", "each of 2 ranks hosts 1 lanes"),
  ])
  func batchesThatRanksCannotShare(ranks: Int, override: String, words: String) throws {
    let run = try TinyRun(override)
    expectFailure(.usage, words) { try TrainingData.checkPartition(run.configuration, ranks: ranks) }
    #expect(throws: Never.self) { try TrainingData.checkPartition(run.configuration, ranks: 1) }
  }

  @Test func notAStore() throws {
    let run = try TinyRun()
    let path = run.folder + "/store.h5"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
    expectRefusal(of: run, .badData, path)
    try Data("a text".utf8).write(to: URL(fileURLWithPath: path))
    expectRefusal(of: run, .badData, path)
  }

  /// The bytes of a store are changed behind the writer's back, which would refuse it.
  @Test(arguments: ["train", "val"]) func notANumber(split: String) throws {
    var contents = TinyRun.contents()
    guard case .float32(var values) = contents.embeddings else { return }
    let mark: Float = 12345.678
    values[split == "train" ? 5 : 60] = mark
    contents.embeddings = .float32(values)
    let run = try TinyRun(contents: contents)
    let url = URL(fileURLWithPath: run.folder + "/store.h5")
    var bytes = try Data(contentsOf: url)
    let place = try #require(bytes.range(of: withUnsafeBytes(of: mark) { Data($0) }))
    bytes.replaceSubrange(place, with: withUnsafeBytes(of: Float.nan) { Data($0) })
    try bytes.write(to: url)
    expectRefusal(of: run, .badData, "NaN")
  }

  @Test func validationOfAnotherKind() throws {
    let run = try TinyRun()
    var other = TinyRun.contents()
    other.width = 4
    other.embeddings = .float32([Float](repeating: 0.5, count: 32))
    try other.write(to: run.folder + "/other.h5")
    run.configuration.data.validation.files = [run.folder + "/other.h5"]
    expectRefusal(of: run, .badData, "embeddings of test, width 4, not normalized, but")
    // Of the same width, by another encoder.
    try TinyRun.contents(encoder: "other").write(to: run.folder + "/other.h5")
    expectRefusal(of: run, .badData, "embeddings of other, width 8, not normalized, but")
    other.width = 8
    other.embeddings = .float32(
      [Float](repeating: 0.125, count: 64).enumerated().map { $0.offset % 8 == 0 ? 1 : 0 })
    other.normalized = true
    try other.write(to: run.folder + "/other.h5")
    expectRefusal(of: run, .badData, "embeddings of test, width 8, normalized, but")
    // A model that divides by the length itself takes both.
    run.configuration.model.normalizeEmbeddings = true
    _ = try run.trainer()
  }

  @Test func vocabularyOfAnotherSize() throws {
    let plain = try TinyRun("model.mapper.kind=none", "train.steps=1")
    try plain.train()
    let directory = plain.checkpoints.directory(ofStep: 1)
    let run = try TinyRun("model.language_model.directory=\(directory)")
    try BPETrainer(vocabularySize: 262).train(on: TinyRun.contents().captionTexts)
      .save(to: run.folder + "/tokenizer")
    expectRefusal(of: run, .usage, "resize_vocabulary")
    try run.train(run.configured("model.language_model.resize_vocabulary=true", "train.steps=1"))
  }

  @Test func aWordVocabularyAndFullStops() throws {
    let captions = TinyRun.contents().captionTexts
    for (override, words) in [
      ("data.add_period=true", "stand apart"), ("data.end_token=false", "has no word “.”"),
    ] {
      let run = try TinyRun(override)
      try WordTrainer(minCount: 1).train(on: captions.map { $0.replacing(".", with: "") }).save(
        to: run.folder + "/tokenizer")
      expectRefusal(of: run, .usage, words)
    }
  }

  /// From captions to a checkpoint and back.
  @Test func aRunWithAWordVocabulary() throws {
    let run = try TinyRun("train.steps=1")
    let tokenizer = try WordTrainer(minCount: 1).train(on: TinyRun.contents().captionTexts)
    try tokenizer.save(to: run.folder + "/tokenizer")
    try run.train()
    let trained = try LoadedModel(path: run.directory.path, on: run.backend)
    #expect(trained.tokenizer.fingerprint == tokenizer.fingerprint)
    #expect(trained.model.head.weight.shape[0] == tokenizer.vocabularySize)
  }

  @Test func captioningWithOtherEmbeddingsOrVocabulary() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    let trained = try LoadedModel(path: run.directory.path, on: run.backend)
    var other = TinyRun.contents()
    other.width = 4
    other.embeddings = .float32([Float](repeating: 0.5, count: 32))
    try other.write(to: run.folder + "/other.h5")
    expectFailure(.badData, "width 4", "width 8") {
      try trained.requireFit(of: EmbeddingStore.open([run.folder + "/other.h5"]))
    }
    try BPETrainer(vocabularySize: 265).train(on: TinyRun.contents().captionTexts)
      .save(to: run.directory.tokenizer)
    expectFailure(.badData, "SHA-256") { _ = try LoadedModel(path: run.directory.path, on: run.backend) }
    expectFailure(.usage, "neither a run directory") {
      _ = try LoadedModel(path: run.folder, on: run.backend)
    }
  }
}
