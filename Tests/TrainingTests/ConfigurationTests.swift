import Foundation
import Testing

@testable import Configuration
@testable import ConfigurationKeys
@testable import Training

@Suite struct ConfigurationTests {
  /// What every configuration must say.
  private static let least = """
    run: {directory: runs/test}
    data: {train: {files: [store.h5]}, tokenizer: words}
    train: {steps: 10}
    """

  /// What some keys ask of others.
  private static let scored = ["data.validation.files=[held.h5]", "validation.metrics_every=3"]

  private func configuration(_ overrides: String..., beside others: [String] = []) throws -> Configuration {
    try Configuration(yaml: Self.least, source: "the test", overrides: others + overrides)
  }

  /// A value for each key that is not its default.
  private static let others: [(key: String, value: String)] = [
    ("run.directory", "'runs: #1'"), ("run.seed", "7"), ("run.threads", "3"),
    ("run.stall_limit", "60"),
    ("data.train.files", "[a.h5, 'b: c.h5']"), ("data.train.split", "'null'"),
    ("data.validation.files", "v.h5"), ("data.validation.split", "'12'"), ("data.tokenizer", "'true'"),
    ("data.end_token", "false"), ("data.add_period", "true"), ("data.caption_tokens", "clipcap"),
    ("data.shuffle_window", "1000"),
    ("model.family", "merge_rnn"), ("model.init_from", "runs/a"), ("model.language_model.directory", "gpt2"),
    ("model.language_model.size", "gpt2-medium"),
    ("model.language_model.layers", "3"), ("model.language_model.width", "48"),
    ("model.language_model.heads", "6"), ("model.language_model.positions", "99"),
    ("model.language_model.frozen", "true"), ("model.language_model.dropout", "0.25"),
    ("model.language_model.resize_vocabulary", "true"), ("model.mapper.kind", "transformer"),
    ("model.mapper.prefix_length", "4"), ("model.mapper.clip_length", "5"), ("model.mapper.layers", "2"),
    ("model.mapper.heads", "4"), ("model.merge_rnn.width", "8"), ("model.normalize_embeddings", "true"),
    ("train.steps", "11"),
    ("train.epochs", "null"), ("train.batch_size", "16"), ("train.lanes", "4"),
    ("train.accumulation_steps", "2"),
    ("train.activation_checkpointing", "true"), ("train.precision", "float32"),
    ("train.gradient_reduce_dtype", "bfloat16"), ("train.loss_reduction", "sum"),
    ("train.label_smoothing", "0.2"), ("train.clip_norm", "0.5"),
    ("train.clip_value", "0.1"),
    ("train.ignore_token_zero", "true"),
    ("optimizer.convention", "huggingface"), ("optimizer.learning_rate", "1.0e-7"),
    ("optimizer.beta1", "0.8"), ("optimizer.beta2", "0.99"), ("optimizer.epsilon", "1.0e-6"),
    ("optimizer.weight_decay", "0.01"), ("optimizer.decay_biases_and_norms", "false"),
    (
      "optimizer.groups",
      "[{parameters: [gpt.*, '*.bias'], rate_factor: 0.5}, {parameters: x, trained: false}]"
    ),
    ("schedule.shape", "cosine"), ("schedule.warmup_steps", "5"),
    ("schedule.starts_at_zero", "true"), ("schedule.minimum_factor", "0.1"),
    ("schedule.plateau_factor", "0.5"), ("schedule.plateau_patience", "3"),
    ("numerics.skip_limit", "3"), ("numerics.spike_threshold", "4.5"), ("numerics.spike_window", "20"),
    ("numerics.spike_action", "skip"), ("validation.every_steps", "6"), ("validation.patience", "2"),
    ("validation.metrics_every", "2"), ("validation.beams", "3"), ("validation.best", "cider"),
    ("checkpoint.every_steps", "8"), ("checkpoint.keep", "1"), ("log.every_steps", "1"),
    ("log.tensorboard", "false"),
  ]

  @Test func theListAboveHasEveryKey() {
    #expect(Self.others.map(\.key) == Configuration().reference().map(\.path))
  }

  @Test(arguments: others) func everyKeyCanBeSetAndIsWritten(key: String, value: String) throws {
    let changed = try configuration("\(key)=\(value)", beside: Self.scored)
    let again = try Configuration(yaml: changed.yaml(), source: "what was written")
    #expect(again.differences(from: changed).isEmpty)
    #expect(try again.yaml() == changed.yaml())
    // Only that key has another value than before.
    let differences = changed.differences(from: try configuration(beside: Self.scored))
    #expect(differences.map(\.key) == (key == "train.epochs" ? [] : [key]))
  }

  @Test func allTogether() throws {
    // A run starts from one thing only.
    let overrides = Self.others.filter { $0.key != "model.init_from" }.map { "\($0.key)=\($0.value)" }
    let changed = try Configuration(yaml: Self.least, source: "the test", overrides: overrides)
    let again = try Configuration(yaml: changed.yaml(), source: "what was written")
    #expect(try again.yaml() == changed.yaml())
    #expect(again.run.directory == "runs: #1")
    #expect(again.data.train.files == ["a.h5", "b: c.h5"])
    #expect(again.data.train.split == "null" && again.data.validation.split == "12")
    #expect(again.data.tokenizer == "true" && again.data.captionTokens == .clipcap)
    #expect(again.optimizer.learningRate == 1e-7 && again.train.clipNorm == 0.5)
    #expect(again.schedule.shape == .cosine && again.optimizer.convention == .huggingface)
  }

  @Test func overrides() throws {
    let changed = try configuration(
      "train={steps: null, epochs: 2}", "data.validation.files=[x.h5, y.h5]", "data.caption_tokens=12",
      "train.clip_norm=1", "model.mapper.kind=none", "run.directory=a=b", "run.threads=~")
    #expect(changed.train.steps == nil && changed.train.epochs == 2)
    #expect(changed.data.validation.files == ["x.h5", "y.h5"])
    #expect(changed.data.validation.split == "val")
    #expect(changed.data.captionTokens == .tokens(12))
    #expect(changed.train.clipNorm == 1)
    #expect(changed.model.clipCap.mapper.kind == .none)
    #expect(changed.run.directory == "a=b" && changed.run.threads == nil)
    // The last word counts.
    #expect(try configuration("run.seed=1", "run.seed=2").run.seed == 2)
    #expect(try configuration("data.validation.files=null").data.validation.files == [])
    #expect(try configuration("validation=").validation.everySteps == nil)
  }

  /// The file has `train.steps`.
  @Test func stepsAndEpochsReplaceEachOther() throws {
    #expect(try configuration("train.epochs=3").train.epochs == 3)
    #expect(try configuration("train.epochs=3").train.steps == nil)
    let last = try configuration("train.epochs=3", "train.steps=7")
    #expect(last.train.steps == 7 && last.train.epochs == nil)
    #expect(try configuration("train.epochs=null").train.steps == 10)
  }

  @Test(arguments: [
    ("train.accumulate", "train.accumulation_steps", "2"),
    ("train.gradient_transport", "train.gradient_reduce_dtype", "bfloat16"),
    ("model.start_from", "model.init_from", "runs/a"),
  ]) func formerNamesAreRead(former: String, present: String, value: String) throws {
    let expected = try configuration("\(present)=\(value)").yaml()
    #expect(try configuration("\(former)=\(value)").yaml() == expected)
    let parts = former.split(separator: ".")
    #expect(
      try configuration("\(parts[0])={\(parts[1]): \(value), \(parts[0] == "train" ? "steps: 10" : "")}")
        .yaml() == expected)
    // A file of before, and the name of now over it; the other way about too.
    #expect(try configuration("\(former)=\(value)", "\(present)=\(value)").yaml() == expected)
    #expect(try configuration("\(present)=\(value)", "\(former)=\(value)").yaml() == expected)
    expectFailure(.usage, "\(former) is the former name of \(present)", "leave one of them out") {
      _ = try Configuration(
        yaml: "\(parts[0]): {\(parts[1]): \(value), \(present.split(separator: ".")[1]): \(value)}",
        source: "the test")
    }
  }

  @Test func immaterialKeysAreKeys() {
    #expect(Configuration.immaterialKeys.isSubset(of: Configuration().reference().map(\.path)))
  }

  @Test func differencesHaveBothValues() throws {
    let before = try configuration("optimizer.learning_rate=0.1", "data.train.files=[a, b]")
    let after = try configuration(
      "optimizer.learning_rate=0.2", "data.train.files=[a, c]", "optimizer.groups={parameters: 'x.*'}")
    #expect(
      after.differences(from: before).map(\.description)
        == [
          "data.train.files: a,b → a,c", "optimizer.learning_rate: 0.1 → 0.2",
          "optimizer.groups:  → parameters: x.*; trained: true; rate_factor: 1.0; weight_decay: null",
        ])
  }

  /// The reference is printed by `capstan train --keys`: what it says must be what an empty file means.
  @Test func documentedDefaultsAreTheDefaults() throws {
    for key in Configuration().reference() {
      #expect(key.help.hasSuffix("."), "\(key.path)")
      // These have no default that would do.
      let required = ["run.directory", "data.train.files", "data.tokenizer"]
      guard !required.contains(key.path) else { continue }
      let overridden = try configuration("\(key.path)=\(key.defaultValue)", "train.steps=10")
      #expect(try overridden.yaml() == configuration().yaml(), "\(key.path)")
    }
  }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../configs").standardizedFileURL.path

  @Test func shippedConfigurationsLoad() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    #expect(names.count >= 11)
    for name in names where name.hasSuffix(".yaml") {
      let configuration = try Configuration(contentsOf: "\(Self.folder)/\(name)")
      #expect(configuration.run.directory.hasPrefix("runs/"), "\(name)")
    }
  }
}
