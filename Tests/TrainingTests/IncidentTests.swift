import Collectives
import Datasets
import Foundation
import Support
import Testing

@testable import Configuration
@testable import Runs
@testable import Training

/// Runs that meet steps whose numbers are not as they should be.
@Suite struct IncidentTests {
  /// One of six images overflows in a linear mapper; its two captions are in one or two batches of each epoch.
  private func poisoned(_ overrides: String...) throws -> TinyRun {
    var contents = TinyRun.contents()
    guard case .float32(var values) = contents.embeddings else { return try TinyRun() }
    for index in 16..<24 { values[index] = index % 2 == 0 ? 3e38 : -3e38 }
    contents.embeddings = .float32(values)
    let run = try TinyRun(contents: contents)
    run.configuration = try Configuration(
      yaml: run.configuration.yaml(), source: "the test",
      overrides: ["model.mapper={kind: linear}", "checkpoint.every_steps=1"] + overrides)
    return run
  }

  private func batch(_ run: TinyRun, step: Int) throws -> [String: Any] {
    let data = try Data(
      contentsOf: URL(fileURLWithPath: run.directory.incident(ofStep: step) + "/batch.json"))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// The steps without a loss.
  private func skipped(_ run: TinyRun) throws -> [Int] {
    try run.metrics().filter { $0["validation_loss"] == nil && $0["loss"] == nil }.map {
      Int($0["step"] ?? 0)
    }
  }

  @Test func aStepThatIsLeftOutChangesNothing() throws {
    let run = try poisoned("numerics.skip_limit=2")
    #expect(try run.train() == .finished)
    let skipped = try skipped(run)
    #expect((2...4).contains(skipped.count))
    for step in 2...6 {
      for name in [CheckpointFile.model, CheckpointFile.optimizer] {
        let (before, after) = (step - 1, step)
        let contents = [before, after].map {
          FileManager.default.contents(atPath: "\(run.checkpoints.directory(ofStep: $0))/\(name)")
        }
        #expect((contents[0] == contents[1]) == skipped.contains(step), "step \(step), \(name)")
      }
    }
    let state = try run.state(ofStep: 6)
    #expect(state.step == 6 && state.numerics?.skipped == skipped.count)
    let counts = try run.metrics().compactMap { $0["skipped"] }
    #expect(counts == (1...skipped.count).map(Double.init))
    #expect(try run.metrics().allSatisfy { $0.values.allSatisfy(\.isFinite) })

    // What is kept of it names the image, and only lanes with it have no loss.
    let incident = try batch(run, step: skipped[0])
    #expect(incident["kind"] as? String == "non-finite" && incident["loss"] as? String == "nan")
    #expect((incident["non_finite_gradients"] as? [String])?.contains("gpt.transformer.wte.weight") == true)
    for lane in try #require(incident["lanes"] as? [[String: Any]]) {
      let images = try #require(lane["captions"] as? [[String: String]]).map { $0["image"] }
      #expect(images.count == 2 && images.contains("blue") == (lane["loss"] as? String == "nan"))
    }
  }

  /// The count in a row goes over a resume, too.
  @Test func skipsAndResumes() throws {
    let (whole, parts) = (try poisoned("numerics.skip_limit=2"), try poisoned("numerics.skip_limit=2"))
    try whole.train()
    let first = try skipped(whole)[0]
    for steps in Set([first - 1, first, 6]).sorted() where steps > 0 {
      try parts.train(parts.configured("train.steps=\(steps)"), resume: .automatically)
    }
    try expectSameBytes(whole.checkpoints.directory(ofStep: 6), parts.checkpoints.directory(ofStep: 6))
  }

  @Test func theRunEndsAndTheDumpReproducesIt() throws {
    let run = try poisoned()
    var sentences: [String] = []
    func train(_ resume: ResumePolicy) throws {
      do {
        try run.train(resume: resume)
        Issue.record("the run did not end")
      } catch let shared as CollectiveFailure {
        sentences.append(shared.failure.description)
      }
    }
    try train(.never)
    let step = try #require(skippedStep(sentences[0]))
    #expect(sentences[0].contains("must be finite (lane") && sentences[0].contains("blue"))
    let dump = run.directory.incident(ofStep: step)
    #expect(sentences[0].contains(dump))
    let incident = try Data(contentsOf: URL(fileURLWithPath: dump + "/batch.json"))
    if step > 1 {
      for name in [CheckpointFile.model, CheckpointFile.optimizer] {
        #expect(
          FileManager.default.contents(atPath: "\(dump)/\(name)")
            == FileManager.default.contents(atPath: "\(run.checkpoints.directory(ofStep: step - 1))/\(name)"))
      }
    }
    #expect(try Checkpoint(dump).state.step == step - 1)
    try train(.from(dump))
    #expect(sentences[0] == sentences[1])
    #expect(try Data(contentsOf: URL(fileURLWithPath: dump + "/batch.json")) == incident)
    // It goes on from there where it may.
    #expect(try run.train(run.configured("numerics.skip_limit=2"), resume: .from(dump)) == .finished)
  }

  private func skippedStep(_ sentence: String) -> Int? {
    sentence.split(separator: " ").dropFirst(2).first.flatMap { Int($0) }
  }

  @Test(arguments: ["warn", "skip"]) func spikes(action: String) throws {
    let options = "numerics={spike_threshold: 0.01, spike_window: 2, spike_action: \(action)}"
    let run = try TinyRun(options, "optimizer.learning_rate=1", "train.steps=12", "checkpoint.every_steps=1")
    run.configuration.checkpoint.keep = 20
    try run.train()
    let lines = try run.metrics().filter { $0["validation_loss"] == nil }
    #expect(lines.prefix(2).allSatisfy { $0["loss_z"] == nil })
    let spikes = lines.filter { $0["loss_z"] ?? 0 > 0.01 }
    #expect(!spikes.isEmpty && spikes.count < 10)
    #expect(lines.count { $0["skipped"] != nil } == (action == "skip" ? spikes.count : 0))
    let kept = try FileManager.default.contentsOfDirectory(atPath: run.directory.path + "/incidents")
    #expect(kept.sorted() == spikes.map { CheckpointFolder.name(ofStep: Int($0["step"] ?? 0)) })
    let step = Int(spikes[0]["step"] ?? 0)
    #expect(try batch(run, step: step)["loss_z"] as? Double == spikes[0]["loss_z"])
    if action == "skip" {
      #expect(
        FileManager.default.contents(atPath: run.checkpoints.directory(ofStep: step) + "/model.safetensors")
          == FileManager.default.contents(
            atPath: run.checkpoints.directory(ofStep: step - 1) + "/model.safetensors"))
    }
  }

  /// A checkpoint of before numbers were judged.
  @Test func stateWithoutNumerics() throws {
    let run = try TinyRun()
    try run.train(run.configured("train.steps=3"))
    let state = try run.state(ofStep: 3)
    var old = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(state)) as? [String: Any])
    #expect(old.removeValue(forKey: "numerics") != nil)
    let read = try JSONDecoder().decode(RunState.self, from: JSONSerialization.data(withJSONObject: old))
    #expect(read.step == 3 && read.numerics == nil && read.identity == state.identity)
  }
}

@Suite struct DeterminismCheckTests {
  private func check(_ run: TinyRun, _ resume: ResumePolicy = .never, steps: Int) throws
    -> DeterminismCheck.Outcome
  {
    try DeterminismCheck(run.configuration, resume: resume, communicator: .alone, on: run.backend)
      .run(steps: steps)
  }

  @Test func theSameBitsTwiceAndNothingWritten() throws {
    let run = try TinyRun()
    let outcome = try check(run, steps: 4)
    #expect(outcome.steps == 1...4)
    #expect(!FileManager.default.fileExists(atPath: run.directory.path))
    // More steps than the run has; and a directory that holds a run is no hindrance.
    try run.train()
    let names = try FileManager.default.subpathsOfDirectory(atPath: run.folder)
    let whole = try check(run, steps: 100)
    #expect(whole.steps == 1...6 && whole.fingerprint != outcome.fingerprint)
    // From a checkpoint to the same end.
    let rest = try check(run, .from(run.checkpoints.directory(ofStep: 3)), steps: 3)
    #expect(rest.steps == 4...6 && rest.fingerprint == whole.fingerprint)
    #expect(try FileManager.default.subpathsOfDirectory(atPath: run.folder) == names)
    expectFailure(.usage, "no step to check", "6 of the run's 6") {
      _ = try check(run, .automatically, steps: 1)
    }
    expectFailure(.usage, "no step to check") { _ = try check(run, steps: 0) }
  }
  /// One bit of one weight, as a memory that fails would change it.
  @Test(arguments: ["gpt.transformer.h.0.mlp.c_fc.weight", "clip_project.model.0.bias"])
  func aBitThatChangesIsFound(name: String) throws {
    let run = try TinyRun()
    let check = try DeterminismCheck(
      run.configuration, resume: .never, communicator: .alone, on: run.backend)
    let parameter = try #require(check.setup.built.arena.parameters.first { $0.name == name })
    expectFailure(.runtime, "at step 2 there differ 1 of", "the first being \(name)") {
      _ = try check.run(steps: 3) { line in
        guard line.hasPrefix("second time: step 2:") else { return }
        let value = parameter.value.pointer
        value.pointee = Float(bitPattern: value.pointee.bitPattern ^ 1)
      }
    }
  }
}
