import Datasets
import Foundation
import Support
import Testing
import Text

@testable import Runs
@testable import Training

@Suite struct ResumeTests {
  @Test func goesOnToTheSameBytes() throws {
    let run = try TinyRun()
    try run.train()
    let whole = run.folder + "/whole"
    try FileManager.default.copyItem(atPath: run.checkpoints.directory(ofStep: 6), toPath: whole)
    let lines = try run.metrics().map { $0["step"] }
    #expect(try run.train(resume: .from(run.checkpoints.directory(ofStep: 3))) == .finished)
    try expectSameBytes(whole, run.checkpoints.directory(ofStep: 6))
    // Each step and validation has one line still.
    #expect(try run.metrics().map { $0["step"] } == lines)
  }

  /// Stopped before and in each of the four steps in turn, and within each of the two validations.
  @Test(arguments: 1...10) func aStopChangesNothing(questions: Int) throws {
    let whole = try TinyRun("validation={every_steps: 2}", "train.steps=4", "checkpoint.every_steps=null")
    let stopped = try TinyRun("validation={every_steps: 2}", "train.steps=4", "checkpoint.every_steps=null")
    try whole.train()
    var asked = 0
    let ending = try stopped.trainer().run {
      asked += 1
      return asked == questions ? .stop : .continue
    }
    #expect(ending == .interrupted)
    #expect(try stopped.train(resume: .automatically) == .finished)
    try expectSameBytes(whole.checkpoints.directory(ofStep: 4), stopped.checkpoints.directory(ofStep: 4))
    let columns = ["step", "loss", "validation_loss", "is_best"]
    for column in columns {
      #expect(try whole.metrics().map { $0[column] } == stopped.metrics().map { $0[column] }, "\(column)")
    }
    let best = try whole.state(ofStep: 4).bestStep
    #expect(
      try LoadedModel(path: stopped.directory.path, on: stopped.backend).source.description.step == best)
  }

  @Test func aCheckpointThatIsAskedForChangesNothing() throws {
    let whole = try TinyRun("checkpoint.every_steps=6")
    let asked = try TinyRun("checkpoint.every_steps=6")
    try whole.train()
    var questions = 0
    let ending = try asked.trainer().run {
      questions += 1
      return questions == 4 ? .checkpoint : .continue  // within the second step
    }
    #expect(ending == .finished)
    #expect(asked.checkpoints.steps.contains(2) && !whole.checkpoints.steps.contains(2))
    try expectSameBytes(whole.checkpoints.directory(ofStep: 6), asked.checkpoints.directory(ofStep: 6))
  }

  @Test func automaticallyFromTheNewestThatIsComplete() throws {
    let run = try TinyRun()
    #expect(try run.train(run.configured("train.steps=3"), resume: .automatically) == .finished)
    let remains = run.checkpoints.directory(ofStep: 5)
    try DurableFile.makeDirectory(remains)
    #expect(try run.train(resume: .automatically) == .finished)
    #expect(run.checkpoints.steps == [3, 6])
    #expect(!FileManager.default.fileExists(atPath: remains))
    #expect(try run.metrics().compactMap { $0["loss"] == nil ? nil : $0["step"] } == [1, 2, 3, 4, 5, 6])
  }

  @Test func aDirectoryHoldsOneRun() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    expectFailure(.usage, "already holds a run", "--resume auto") { try run.train() }
  }

  @Test(arguments: [
    ("run.seed=6", "run.seed 5, but it is 6"), ("train.batch_size=3", "train.batch_size 4, but it is 3"),
    ("train.lanes=4", "train.lanes 2, but it is 4"), ("data.end_token=false", "captions"),
    ("model.language_model.layers=2", "1 layers"), ("model.language_model.heads=4", "2 heads"),
    (
      "model.mapper={kind: transformer, layers: 1, heads: 2, clip_length: 2, prefix_length: 2}",
      "model.mapper.heads none"
    ),
  ])
  func anotherRunIsRefused(override: String, words: String) throws {
    try expectRefusal(.usage, ofResumingWith: override, words)
  }

  @Test(arguments: [
    ("model.mapper.prefix_length=3", "clip_project"),
    ("model.mapper.kind=none", "which the model does not have"),
  ])
  func anotherModelIsRefused(override: String, words: String) throws {
    try expectRefusal(.badData, ofResumingWith: override, words)
  }

  private func expectRefusal(_ kind: Failure.Kind, ofResumingWith override: String, _ words: String) throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    let files = try FileManager.default.subpathsOfDirectory(atPath: run.directory.path).sorted()
    expectFailure(kind, words) {
      _ = try run.trainer(run.configured(override, "train.steps=2"), resume: .automatically)
    }
    #expect(try FileManager.default.subpathsOfDirectory(atPath: run.directory.path).sorted() == files)
  }

  /// Gradients that were rounded between nodes make another run than those of one node.
  @Test func otherNodesAreRefusedWhereGradientsAreRounded() throws {
    let run = try TinyRun("train.steps=1", "train.gradient_reduce_dtype=bfloat16")
    try run.train()
    let path = run.checkpoints.directory(ofStep: 1)
    let identity = try run.state(ofStep: 1).identity
    #expect(identity.roundingNodes == nil)
    func rounding(between nodes: Int?) -> RunIdentity {
      RunIdentity(
        seed: identity.seed, batchSize: identity.batchSize, lanes: identity.lanes,
        tokenizer: identity.tokenizer, captionTexts: identity.captionTexts,
        shuffleWindow: identity.shuffleWindow, embeddings: identity.embeddings,
        model: identity.model,
        precision: identity.precision, roundingNodes: nodes)
    }
    #expect(throws: Never.self) {
      try rounding(between: 2).requireSame(as: rounding(between: 2), checkpoint: path)
    }
    expectFailure(.usage, "bfloat16 between 2 nodes, but it is float32", "train.gradient_reduce_dtype") {
      try rounding(between: 2).requireSame(as: identity, checkpoint: path)
    }
    expectFailure(.usage, "bfloat16 between 2 nodes, but it is bfloat16 between 4 nodes") {
      try rounding(between: 2).requireSame(as: rounding(between: 4), checkpoint: path)
    }
  }

  /// Of another number of heads no weight's shape tells.
  @Test func anotherMapperIsRefused() throws {
    let run = try TinyRun(
      "model.mapper={kind: transformer, layers: 1, heads: 2, clip_length: 2, prefix_length: 2}",
      "train.steps=1")
    try run.train()
    expectFailure(.usage, "model.mapper.heads 2, but it is 4") {
      _ = try run.trainer(run.configured("model.mapper.heads=4"), resume: .automatically)
    }
  }

  @Test func anotherVocabularyIsRefused() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    try BPETrainer(vocabularySize: 270).train(on: ["quite other words, quite other words", "words and words"])
      .save(to: run.folder + "/tokenizer")
    let found = try TokenizerDirectory.open(run.folder + "/tokenizer")
    #expect(found.vocabularySize == 270)
    expectFailure(.usage, "the tokenizer's fingerprint") { _ = try run.trainer(resume: .automatically) }
  }

  @Test func otherEmbeddingsAreRefused() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    var other = TinyRun.contents()
    other.encoder = "another"
    try other.write(to: run.folder + "/store.h5")
    expectFailure(.usage, "embeddings of test, width 8", "another, width 8") {
      _ = try run.trainer(resume: .automatically)
    }
    other = TinyRun.contents()
    other.captionTexts[0] = "a rod circle"
    try other.write(to: run.folder + "/store.h5")
    expectFailure(.usage, "the fingerprint of the training captions") {
      _ = try run.trainer(resume: .automatically)
    }
  }

  @Test func anotherShuffleWindowIsRefused() throws {
    let run = try TinyRun("train.steps=1", "data.shuffle_window=5")
    try run.train()
    expectFailure(.usage, "data.shuffle_window 5", "null") {
      _ = try run.trainer(run.configured("data.shuffle_window=null"), resume: .automatically)
    }
    try run.train(run.configured("train.steps=2"), resume: .automatically)
  }

  /// Before, the fingerprint was of the captions' tokens.
  @Test func aCheckpointOfAnEarlierVersionIsGoneOnWith() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    let identity = try run.state(ofStep: 1).identity
    let json = try JSONEncoder().encode(identity)
    var fields = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    fields["captions"] = fields.removeValue(forKey: "captionTexts")
    let earlier = try JSONDecoder().decode(
      RunIdentity.self, from: JSONSerialization.data(withJSONObject: fields))
    #expect(earlier != identity && earlier.captionTexts == nil)
    try earlier.requireSame(as: identity, checkpoint: "earlier")
    #expect(RunState(identity: earlier).with(identity) == RunState(identity: identity))
  }

  @Test func damageIsRefused() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    let directory = run.checkpoints.directory(ofStep: 1)
    let path = directory + "/optimizer.safetensors"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    expectFailure(.badData, path, "SHA-256") { _ = try run.trainer(resume: .automatically) }
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
    expectFailure(.badData, path, "bytes") { _ = try run.trainer(resume: .automatically) }
    expectFailure(.badData, "has no manifest.json") {
      _ = try run.trainer(resume: .from(run.folder + "/nowhere"))
    }
  }

  /// Damages a file of a checkpoint by turning a bit of it over.
  private func damage(_ path: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  @Test func intactPassesOverDamage() throws {
    let run = try TinyRun("checkpoint.every_steps=2")
    try run.train()
    let whole = run.folder + "/whole"
    try FileManager.default.copyItem(atPath: run.checkpoints.directory(ofStep: 6), toPath: whole)
    try damage(run.checkpoints.directory(ofStep: 6) + "/model.safetensors")
    try damage(run.checkpoints.directory(ofStep: 4) + "/manifest.json")
    expectFailure(.badData, "SHA-256", "--resume intact") { _ = try run.trainer(resume: .automatically) }
    #expect(try run.train(resume: .intact) == .finished)
    // Of step 3 is the best validation.
    #expect(run.checkpoints.steps == [2, 3, 4, 6])
    try expectSameBytes(whole, run.checkpoints.directory(ofStep: 6))
    for step in run.checkpoints.steps { try damage(run.checkpoints.directory(ofStep: step) + "/state.json") }
    expectFailure(.badData, "None of the 4 checkpoints", "step-00000006") {
      _ = try run.trainer(resume: .intact)
    }
    // Another run is no damage.
    try run.train(run.configured("run.directory=\(run.folder)/other"))
    expectFailure(.usage, "run.seed") {
      _ = try run.trainer(run.configured("run.directory=\(run.folder)/other", "run.seed=6"), resume: .intact)
    }
  }

  @Test func frozenParametersAreVerified() throws {
    let run = try TinyRun("train.steps=2", "checkpoint.every_steps=1")
    run.configuration = try run.configured(
      "model.language_model.directory=\(run.languageModel())", "model.language_model.frozen=true")
    try run.train()
    let files = FileManager.default
    let place = run.directory.frozenParameters
    let kept = run.folder + "/frozen"
    try files.copyItem(atPath: place, toPath: kept)
    try damage(place)
    for resume in [ResumePolicy.automatically, .intact] {
      expectFailure(.badData, place, "put it back") { _ = try run.trainer(resume: resume) }
    }
    expectFailure(.badData, place) { _ = try LoadedModel(path: run.directory.path, on: run.backend) }
    try files.removeItem(atPath: place)
    expectFailure(.badData, place, "put it back") { _ = try run.trainer(resume: .automatically) }
    // A checkpoint of another run brings that run's frozen parameters with it.
    try files.copyItem(atPath: kept, toPath: place)
    let elsewhere = try run.configured("run.directory=\(run.folder)/elsewhere", "run.seed=5")
    try run.train(elsewhere, resume: .from(run.checkpoints.directory(ofStep: 1)))
    #expect(files.contentsEqual(atPath: kept, andPath: run.folder + "/elsewhere/frozen.safetensors"))
    // Older checkpoints say nothing of them.
    let manifest = run.checkpoints.directory(ofStep: 2) + "/manifest.json"
    var object = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: manifest))) as? [String: Any])
    #expect(object.removeValue(forKey: "frozen") != nil)
    try JSONSerialization.data(withJSONObject: object).write(to: URL(fileURLWithPath: manifest))
    try files.removeItem(atPath: place)
    _ = try run.trainer(run.configured("train.steps=3"), resume: .automatically)
    #expect(files.contentsEqual(atPath: kept, andPath: place))
  }

  @Test func checkpointsWithoutAConfigurationAreARun() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    try FileManager.default.removeItem(atPath: run.directory.configuration)
    expectFailure(.usage, "already holds a run") { try run.train() }
    #expect(run.checkpoints.steps == [1])
  }

  @Test func linksThatLeadNowhereAreRefused() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    let best = run.directory.checkpoints + "/best"
    #expect(try LoadedModel(path: best, on: run.backend).source.description.step == 1)
    for target in ["step-00000009", run.folder, "../../run/checkpoints/step-00000001"] {
      try FileManager.default.removeItem(atPath: best)
      try FileManager.default.createSymbolicLink(atPath: best, withDestinationPath: target)
      expectFailure(.badData, best, target) { _ = try run.trainer(resume: .from(best)) }
      for path in [run.directory.path, best] {
        expectFailure(.badData, best, target) { _ = try LoadedModel(path: path, on: run.backend) }
      }
    }
    // Going on with the run mends it.
    #expect(try run.train(resume: .automatically) == .finished)
    #expect(try LoadedModel(path: best, on: run.backend).source.description.step == 1)
  }

  @Test func lostLinesOfMetricsAreCounted() throws {
    let run = try TinyRun("train.steps=3")
    try run.train()
    let path = run.directory.metrics
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    for (kept, missing) in [(lines[0...], 0), (lines[1...], 1), ([], 3)] {
      try kept.joined(separator: "\n").write(toFile: path, atomically: false, encoding: .utf8)
      let log = try MetricsLog(run.directory, resumingAt: run.state(ofStep: 3), tensorboard: false)
      #expect(log.missingSteps == missing)
    }
  }

  @Test func fromFurtherBackTheLinksFollow() throws {
    let run = try TinyRun("checkpoint.every_steps=1")
    try run.train()
    // Nothing new is learned, so what was the best at that step stays it.
    try run.train(
      run.configured("train.steps=4", "optimizer.learning_rate=0"),
      resume: .from(run.checkpoints.directory(ofStep: 3)))
    #expect(run.checkpoints.steps == [1, 2, 3, 4])
    let trained = try LoadedModel(path: run.directory.path, on: run.backend)
    #expect(trained.source.description.step == 3)
  }
}
