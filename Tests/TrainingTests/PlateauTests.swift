import Foundation
import Testing

@testable import Training

@Suite struct PlateauTests {
  /// A rate so high that validations get worse, with one after each step.
  private func run() throws -> TinyRun {
    try TinyRun(
      "schedule={shape: plateau, plateau_factor: 0.5, plateau_patience: 0}", "optimizer.learning_rate=0.5",
      "validation={every_steps: 1}", "checkpoint.every_steps=1", "train.steps=8")
  }

  @Test func theRateFallsWhereValidationsDoNotImprove() throws {
    let run = try run()
    try run.train()
    let metrics = try run.metrics()
    let rates = metrics.compactMap { $0["learning_rate"] }
    let losses = metrics.compactMap { $0["validation_loss"] }
    #expect(rates.count == 8 && losses.count == 8)
    var (expected, best) = (0.5, Double.infinity)
    for (loss, rate) in zip(losses, rates.dropFirst()) {
      if loss >= best { expected /= 2 }
      best = min(best, loss)
      #expect(rate == expected)
    }
    #expect(rates[7] < 0.5)
    #expect(try run.state(ofStep: 8).plateau?.reductions ?? 0 > 0)
  }

  /// How often it fell, and what comes next, is a part of a checkpoint.
  @Test(arguments: 1...7) func aResumeGoesOnToTheSameBytes(step: Int) throws {
    let run = try run()
    try run.train()
    let whole = run.folder + "/whole"
    try FileManager.default.copyItem(atPath: run.checkpoints.directory(ofStep: 8), toPath: whole)
    #expect(try run.train(resume: .from(run.checkpoints.directory(ofStep: step))) == .finished)
    try expectSameBytes(whole, run.checkpoints.directory(ofStep: 8))
  }

  /// Checkpoints of other schedules say nothing of it.
  @Test func otherRunsHaveNone() throws {
    let run = try TinyRun("train.steps=1")
    try run.train()
    #expect(try run.state(ofStep: 1).plateau == nil)
    let path = run.checkpoints.directory(ofStep: 1) + "/state.json"
    #expect(try !String(contentsOfFile: path, encoding: .utf8).contains("plateau"))
  }
}
