import Foundation
import Support
import Testing

@testable import Configuration
@testable import Runs
@testable import Training

/// Resumes of runs that have come to their end: nothing is trained beyond it, and nothing is lost or told otherwise.
@Suite struct FinishedRunTests {
  /// Every file of a run with its bytes, and where its links lead.
  private func contents(_ run: TinyRun) throws -> [String: Data] {
    let files = FileManager.default
    var contents: [String: Data] = [:]
    for name in try files.subpathsOfDirectory(atPath: run.directory.path) {
      let path = run.directory.path + "/" + name
      contents[name] =
        (try? files.destinationOfSymbolicLink(atPath: path)).map { Data($0.utf8) }
        ?? files.contents(atPath: path)
    }
    return contents
  }

  private func expectUntouched(_ run: TinyRun, _ body: () throws -> Void) throws {
    let before = try contents(run)
    try body()
    #expect(try contents(run) == before)
  }

  @Test(arguments: ["train.steps=4", "train.epochs=1"]) func fewerStepsThanAreDoneAreRefused(shorter: String)
    throws
  {
    let run = try TinyRun("log.tensorboard=true")
    try run.train()
    let configuration = try run.configured(shorter)
    try expectUntouched(run) {
      for resume in [
        ResumePolicy.automatically, .intact, .from(run.checkpoints.directory(ofStep: 6)),
      ] {
        expectFailure(.usage, "has done 6 steps, more than the", "--resume PATH") {
          _ = try run.train(configuration, resume: resume)
        }
        expectFailure(.usage, "has done 6 steps") {
          _ = try DeterminismCheck(configuration, resume: resume, communicator: .alone, on: run.backend)
        }
      }
    }
    // What the sentence says is possible.
    #expect(try run.train(configuration, resume: .from(run.checkpoints.directory(ofStep: 3))) == .finished)
    #expect(run.checkpoints.steps.last == (shorter == "train.epochs=1" ? 6 : 4))
  }

  @Test func aFinishedRunIsLeftAsItIs() throws {
    let run = try TinyRun("log.tensorboard=true")
    try run.train()
    try expectUntouched(run) {
      #expect(try run.train(resume: .automatically) == .finished)
      // As many steps in other words, and keys of which no result depends.
      let same = try run.configured(
        "train.epochs=2", "run.threads=2", "checkpoint.keep=1", "log.every_steps=7")
      #expect(try run.train(same, resume: .automatically) == .finished)
      // An earlier checkpoint that is as far as is asked for costs none of the later ones.
      let earlier = ResumePolicy.from(run.checkpoints.directory(ofStep: 3))
      #expect(try run.train(run.configured("train.steps=3"), resume: earlier) == .finished)
    }
  }

  /// A kill may come between a last checkpoint and its links.
  @Test func linksOfAFinishedRunAreMended() throws {
    let run = try TinyRun()
    try run.train()
    let before = try contents(run)
    try run.checkpoints.link("latest", toStep: 3)
    try FileManager.default.removeItem(atPath: run.directory.checkpoints + "/best")
    #expect(try run.train(resume: .automatically) == .finished)
    #expect(try contents(run) == before)
  }

  @Test(arguments: [
    ("optimizer.learning_rate=0.02", "optimizer.learning_rate 0.01, but it is 0.02"),
    ("train.clip_norm=5", "train.clip_norm null, but it is 5.0"),
    ("validation.patience=3", "validation.patience null, but it is 3"),
  ])
  func otherValuesAreNotSaidOfAFinishedRun(override: String, words: String) throws {
    let run = try TinyRun()
    try run.train()
    try expectUntouched(run) {
      expectFailure(.usage, words, "another directory") {
        _ = try run.train(run.configured(override), resume: .automatically)
      }
    }
  }

  /// A learning rate that throws everything away never improves on the first validation.
  @Test func aRunThatStoppedEarlyGoesOnOnlyWithMorePatience() throws {
    let run = try TinyRun(
      "train.steps=100", "validation={every_steps: 1, patience: 2}", "optimizer.learning_rate=10",
      "train.clip_norm=1"
    )
    #expect(try run.train() == .stoppedEarly)
    let last = try #require(run.checkpoints.steps.last)
    try expectUntouched(run) {
      let longer = try run.configured("train.steps=200")
      #expect(try run.train(longer, resume: .automatically) == .stoppedEarly)
      expectFailure(.usage, "has done \(last) steps") {
        _ = try run.train(run.configured("train.steps=1"), resume: .automatically)
      }
      expectFailure(.usage, "optimizer.learning_rate") {
        _ = try run.train(run.configured("optimizer.learning_rate=1"), resume: .automatically)
      }
      expectFailure(.usage, "no step to check") {
        _ = try DeterminismCheck(
          run.configuration, resume: .automatically, communicator: .alone, on: run.backend
        ).run(steps: 1)
      }
    }
    let patient = try run.configured("validation.patience=3")
    #expect(try run.train(patient, resume: .automatically) == .stoppedEarly)
    #expect(run.checkpoints.steps.last == last + 1)
  }

  @Test func everyConfigurationIsKept() throws {
    let run = try TinyRun()
    func steps() -> [Int] { ConfigurationHistory(of: run.directory).entries.map(\.step) }
    try run.train()
    #expect(steps() == [0])
    let faster = try run.configured("optimizer.learning_rate=0.02", "train.steps=9")
    try run.train(faster, resume: .automatically)
    try run.train(run.configured("optimizer.learning_rate=0.02", "train.steps=12"), resume: .automatically)
    let rates = ConfigurationHistory(of: run.directory).entries.map(\.configuration.optimizer.learningRate)
    #expect(steps() == [0, 6, 9] && rates == [0.01, 0.02, 0.02])
    // Back to before the change: what was done by it is gone, and so is its configuration.
    try run.train(resume: .from(run.checkpoints.directory(ofStep: 3)))
    #expect(steps() == [0])
    #expect(try Configuration(contentsOf: run.directory.configuration).yaml() == run.configuration.yaml())
  }

  /// A run that goes on from another's checkpoint has that one's past, and one of an earlier version what is known.
  @Test func theConfigurationsComeWithTheCheckpoint() throws {
    let run = try TinyRun()
    try run.train()
    try FileManager.default.removeItem(atPath: run.directory.configurations)
    let other = try run.configured(
      "run.directory=\(run.folder)/other", "optimizer.learning_rate=0.02", "train.steps=7")
    try run.train(other, resume: .from(run.checkpoints.directory(ofStep: 6)))
    let entries = ConfigurationHistory(of: RunDirectory(other.run.directory)).entries
    #expect(entries.map(\.step) == [0, 6])
    #expect(entries.map(\.configuration.optimizer.learningRate) == [0.01, 0.02])
    #expect(entries[0].configuration.run.directory == run.directory.path)
  }

  @Test func aRateThatJumpsIsTold() throws {
    let run = try TinyRun("schedule.shape=linear")
    try run.train()
    func changes(_ overrides: String...) throws -> [String] {
      let configuration = try Configuration(
        yaml: run.configuration.yaml(), source: "the test", overrides: overrides)
      let plan = try TrainingPlan(configuration, communicator: .alone, on: run.backend)
      let checkpoint = try Checkpoint(run.checkpoints.directory(ofStep: 6))
      return plan.changes(since: checkpoint).map(\.1)
    }
    #expect(
      try changes("train.steps=12") == [
        "changed behind step 6: train.steps: 6 → 12",
        "the learning rate goes from 1.67e-03 at step 6 to 5.00e-03 at step 7, where the run had planned 0.00e+00",
      ])
    #expect(
      try changes("train.steps=12", "schedule.warmup_steps=12").last?.contains("5.83e-03 at step 7") == true)
    #expect(try changes("run.threads=2").count == 1)
    #expect(try changes().isEmpty)
  }

  @Test func whatIsLongerThanTheRunIsTold() throws {
    func warnings(_ overrides: String..., beside others: [String] = []) throws -> [String] {
      try Configuration(
        yaml: TinyRun().configuration.yaml(), source: "the test", overrides: others + overrides
      )
      .warnings(totalSteps: 6)
    }
    #expect(try warnings().isEmpty)
    #expect(try warnings("schedule.warmup_steps=6").isEmpty)
    let warmUp =
      "schedule.warmup_steps is 5000, but the run has 6 steps, so the learning rate reaches only 0.12 % of "
      + "optimizer.learning_rate."
    #expect(try warnings("schedule.warmup_steps=5000") == [warmUp])
    #expect(try warnings("validation.every_steps=7")[0].contains("validated at its end alone"))
    #expect(try warnings("checkpoint.every_steps=7").isEmpty)
    let without = ["data.validation.files=[]"]
    #expect(try warnings("checkpoint.every_steps=7", beside: without)[0].contains("nothing is kept"))
    #expect(try warnings("validation.every_steps=2", beside: without)[0].contains("nothing is validated"))
  }

  /// What is shown is what `metrics.jsonl` has, wherever the run was begun.
  @Test func theLineHasTheStepsOwnNumbers() {
    let line = ProgressLine(totalSteps: 20, interval: 10)
    var metrics = StepMetrics(
      step: 19, epoch: 1.5, loss: 7.7748, learningRate: 0.001, gradientNorm: 1, tokens: 10, seconds: 2,
      captionsPerSecond: 20)
    line.report(metrics)
    (metrics.step, metrics.loss, metrics.captionsPerSecond) = (20, 6.906, 40)
    #expect(
      line.text(metrics, secondsPerStep: 2)
        == "step 20/20  epoch 1.50  loss 6.9060  lr 1.00e-03  40 captions/s  0m00s left")
    metrics.step = 25
    #expect(line.text(metrics, secondsPerStep: 2).hasSuffix("0m00s left"))
  }
}
