import Autograd
import FileFormats
import Foundation
import Support
import Tensors
import Testing

@testable import Configuration
@testable import Runs
@testable import Training

@Suite struct TrainerTests {
  @Test func trainsAndWritesARun() throws {
    let run = try TinyRun()
    #expect(try run.train() == .finished)
    #expect(run.checkpoints.steps == [3, 6])
    let state = try run.state(ofStep: 6)
    #expect(state.step == 6 && !state.isFinished && state.validatedStep == 6)
    // Three steps an epoch, and a validation at the end of each.
    let metrics = try run.metrics()
    #expect(metrics.filter { $0["loss"] != nil }.map { $0["step"] } == [1, 2, 3, 4, 5, 6])
    #expect(metrics.filter { $0["validation_loss"] != nil }.map { $0["step"] } == [3, 6])
    #expect(metrics.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    let losses = metrics.compactMap { $0["loss"] }
    #expect(losses[5] < losses[0])
    let written = try Configuration(contentsOf: run.directory.configuration)
    #expect(try written.yaml() == run.configuration.yaml())
    #expect(!FileManager.default.fileExists(atPath: run.directory.frozenParameters))
    let trained = try LoadedModel(path: run.directory.path, on: run.backend)
    #expect(
      trained.source.description.step == state.bestStep && trained.source.description.embeddings?.width == 8)
  }

  @Test(arguments: ["train.accumulation_steps=2", "train.activation_checkpointing=true"])
  func savingMemoryChangesNothing(option: String) throws {
    let (plain, saving) = (try TinyRun(), try TinyRun(option))
    try plain.train()
    try saving.train()
    try expectSameBytes(plain.checkpoints.directory(ofStep: 6), saving.checkpoints.directory(ofStep: 6))
  }

  /// Sums over ranks begin while backward of the last microbatch goes on, and not before.
  @Test(arguments: [1, 2]) func reductionsStartDuringBackward(microbatches: Int) throws {
    let run = try TinyRun(
      "train.accumulation_steps=\(microbatches)", "train.steps=1", "data.validation.files=[]")
    let timeline = Timeline(isRecording: true)
    let trainer = try Trainer(
      run.configuration, resume: .never, communicator: .alone, timeline: timeline, on: run.backend)
    _ = try trainer.run()
    // A phase within another ends before it.
    let phases = timeline.events.map(\.phase).filter { [.forward, .backward, .reduction].contains($0) }
    let earlier = Array([Timeline.Phase.forward, .backward].prefix(2 * (microbatches - 1)))
    #expect(Array(phases.prefix(2 * microbatches + 1)) == earlier + [.forward, .reduction, .backward])
  }

  @Test(arguments: [
    "model.mapper={kind: transformer, layers: 1, heads: 2, clip_length: 2, prefix_length: 2}",
    "model.normalize_embeddings=true", "train.ignore_token_zero=true", "data.end_token=false",
  ])
  func optionsMakeAnotherRun(option: String) throws {
    let (plain, other) = (try TinyRun(), try TinyRun(option))
    #expect(try other.train(other.configured("train.steps=1")) == .finished)
    try plain.train(plain.configured("train.steps=1"))
    #expect(try plain.metrics()[0]["loss"] != other.metrics()[0]["loss"])
  }

  /// Embeddings of any length are one embedding when they are normalised.
  @Test func normalizingTakesTheLengthAway() throws {
    let contents = TinyRun.contents()
    guard case .float32(let values) = contents.embeddings else { return }
    var longer = contents
    longer.embeddings = .float32(values.map { $0 * 4 })
    let runs = try [contents, longer].map {
      try TinyRun("model.normalize_embeddings=true", "train.steps=2", contents: $0)
    }
    for run in runs { try run.train() }
    #expect(try runs[0].metrics().map { $0["loss"] } == runs[1].metrics().map { $0["loss"] })
  }

  /// Token 0 of a vocabulary that Capstan has trained is the end of text: one of every caption.
  @Test func ignoredTokensAreNotCounted() throws {
    let (plain, ignoring) = (
      try TinyRun("train.steps=1"), try TinyRun("train.ignore_token_zero=true", "train.steps=1")
    )
    try plain.train()
    try ignoring.train()
    let counts = try [plain, ignoring].map { try $0.metrics()[0]["tokens"] ?? 0 }
    #expect(counts[0] == counts[1] + 4)
  }

  /// A learning rate that throws everything away never improves on the first validation.
  @Test func earlyStopping() throws {
    let run = try TinyRun(
      "train.steps=100", "validation={every_steps: 1, patience: 2}", "optimizer.learning_rate=10",
      "train.clip_norm=1")
    #expect(try run.train() == .stoppedEarly)
    let last = try #require(run.checkpoints.steps.last)
    let state = try run.state(ofStep: last)
    #expect(state.isFinished && state.validationsSinceBest == 2 && last < 100)
    #expect(state.bestStep == last - 2)
    let lines = try run.metrics().count
    #expect(try run.train(resume: .automatically) == .stoppedEarly)
    #expect(run.checkpoints.steps.last == last)
    #expect(try run.metrics().count == lines)
  }

  @Test func frozenLanguageModel() throws {
    // A plain language model first, whose checkpoint is a directory to start from.
    let plain = try TinyRun("model.mapper.kind=none")
    try plain.train()
    let directory = plain.checkpoints.directory(ofStep: 6)
    for name in ["config.json", "vocab.json", "merges.txt", "model.safetensors"] {
      #expect(FileManager.default.fileExists(atPath: "\(directory)/\(name)"))
    }
    let frozen = try TinyRun(
      "model.language_model={directory: '\(directory)', frozen: true}", "data.tokenizer=null")
    #expect(try frozen.train() == .finished)
    let before = try SafetensorsFile(path: directory + "/model.safetensors")
    let kept = try SafetensorsFile(path: frozen.directory.frozenParameters)
    #expect(Set(kept.names) == Set(before.names.map { "gpt." + $0 }))
    for name in before.names { #expect(try kept.floats(of: "gpt." + name) == before.floats(of: name)) }
    let trained = try SafetensorsFile(path: frozen.checkpoints.directory(ofStep: 6) + "/model.safetensors")
    #expect(trained.names.allSatisfy { $0.hasPrefix("clip_project.") })
    let model = try LoadedModel(path: frozen.directory.path, on: frozen.backend)
    let table = try #require(model.model.parameters.first { $0.name == "gpt.transformer.wte.weight" })
    #expect(try table.value.elements == before.floats(of: "transformer.wte.weight"))
    #expect(throws: Never.self) {
      try frozen.train(frozen.configured("train.steps=7"), resume: .automatically)
    }
  }

  /// A killed run that never came to a checkpoint may leave frozen parameters behind; a new start writes its own.
  @Test func aNewStartWritesItsOwnFrozenParameters() throws {
    let run = try TinyRun("train.steps=1")
    func frozen(seed: Int) throws -> Configuration {
      try run.configured(
        "model.language_model.frozen=true", "model.language_model.directory=\(run.languageModel(seed: seed))")
    }
    _ = try run.trainer(frozen(seed: 5))
    let first = try Data(contentsOf: URL(fileURLWithPath: run.directory.frozenParameters))
    try run.train(frozen(seed: 6), resume: .automatically)
    #expect(try Data(contentsOf: URL(fileURLWithPath: run.directory.frozenParameters)) != first)
  }

  @Test func divergenceEndsTheRun() throws {
    let run = try TinyRun("optimizer.learning_rate=999", "train.steps=100", "optimizer.weight_decay=999")
    expectFailure(.runtime, "must be finite") { try run.train() }
  }
}

/// Expects two checkpoints to hold the same files.
func expectSameBytes(_ a: String, _ b: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let files = FileManager.default
  let names = try files.contentsOfDirectory(atPath: a).sorted()
  #expect(try names == files.contentsOfDirectory(atPath: b).sorted(), sourceLocation: sourceLocation)
  for name in names {
    #expect(
      files.contents(atPath: "\(a)/\(name)") == files.contents(atPath: "\(b)/\(name)"), "\(name)",
      sourceLocation: sourceLocation)
  }
}
