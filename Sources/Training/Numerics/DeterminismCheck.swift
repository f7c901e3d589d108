import Collectives
import Configuration
import Foundation
import Models
import Optimization
import Runs
import Support
import Tensors

/// Runs the first steps of a run twice from the same state and compares the bits. Nothing is written.
public final class DeterminismCheck {
  private let configuration: Configuration
  private let communicator: Communicator
  private let backend: Backend
  let setup: TrainingSetup
  private let steps: StepPlan
  private let trainingStep: TrainingStep<CaptioningTask>

  /// Reads what a run reads.
  /// - Parameter resume: where the steps begin: at the start of the run where it is `.never`, whether there is a run in
  ///   its directory or not.
  /// - Throws: `Failure`, the same on all ranks.
  public init(
    _ configuration: Configuration, resume: ResumePolicy, communicator: Communicator,
    on backend: Backend
  ) throws {
    try communicator.prepare(for: configuration, on: backend)
    self.configuration = configuration
    self.communicator = communicator
    self.backend = backend
    setup = try TrainingSetup(configuration, resume: resume, communicator: communicator, on: backend)
    steps = StepPlan(setup, configuration)
    trainingStep = TrainingStep(
      CaptioningTask(setup.built.model, configuration.train), setup.built.arena, setup.optimizer,
      in: setup.memory,
      checkpointsActivations: configuration.train.activationCheckpointing,
      gradientReductionPrecision: configuration.train.gradientReductionPrecision, communicator: communicator,
      on: backend)
  }

  /// What a check has found to be the same.
  public struct Outcome: Sendable {
    /// Counted from 1.
    public let steps: ClosedRange<Int>
    /// Of weights and moments after the last step: the same on any number of ranks.
    public let fingerprint: Fingerprint
  }

  /// - Parameters:
  ///   - count: steps; no more are made than the run has left.
  ///   - report: is told of every step.
  /// - Throws: `CollectiveFailure` that names the first difference.
  public func run(steps count: Int, report: (String) -> Void = { _ in }) throws -> Outcome {
    let done = setup.state.step
    try communicator.agree {
      guard count > 0, done < steps.count, setup.ending == nil else {
        throw Failure.usage(
          "There is no step to check: \(count) are asked for, and \(done) of the run's \(steps.count) are done; ask "
            + "for at least one, or name an earlier checkpoint.")
      }
    }
    let range = done..<done + min(count, steps.count - done)
    let start = lines.map { line in
      let copy = setup.memory.isLeader ? backend.matrix(1, line.count) : nil
      copy?.pointer.update(from: line.pointer, count: line.count)
      return copy
    }
    communicator.barrier()
    let first = try traces(of: range) { report("first time: \($0)") }
    for (line, copy) in zip(lines, start) {
      if let copy { line.pointer.update(from: copy.pointer, count: copy.count) }
    }
    if setup.memory.isLeader { setup.built.arena.pack(on: backend) }
    communicator.barrier()
    let second = try traces(of: range) { report("second time: \($0)") }
    try communicator.agree {
      let names = setup.built.arena.blocks.map(\.parameter.name)
      if let difference = StepTrace.difference(between: first, and: second, names: names) {
        throw Failure.runtime(
          "Steps \(range.lowerBound + 1) to \(range.upperBound) did not give the same bits twice: \(difference); "
            + "check the memory and the processor of the machine, and see docs/numerics.md.")
      }
    }
    return Outcome(
      steps: range.lowerBound + 1...range.lowerBound + second.count,
      fingerprint: Fingerprint(of: Data(second[second.count - 1].blocks.map(\.description).joined().utf8)))
  }

  /// Trained values and both moments.
  private var lines: [Matrix] {
    let arena = setup.built.arena
    return [
      arena.values.slice(0, count: arena.trainableCount), setup.optimizer.moment1, setup.optimizer.moment2,
    ]
  }

  private func traces(of range: Range<Int>, report: (String) -> Void) throws -> [StepTrace] {
    var numerics = setup.state.numerics ?? SpikeDetector()
    var traces: [StepTrace] = []
    for done in range {
      var step = steps.step(after: done, reductions: setup.state.plateau?.reductions ?? 0)
      communicator.currentPhase = "step \(step.number)"
      let batches = try steps.join(Result { try steps.batches(of: step) }, of: &step)
      let gradients = trainingStep.gradients(of: batches, tokens: step.tokens, dropout: step.dropout)
      let (loss, norm) = (gradients.loss(of: step), gradients.norm)
      let verdict = numerics.evaluate(loss: loss, norm: norm, by: configuration.numerics)
      trainingStep.update(step, norm: norm, verdict, numerics, clipping: configuration.train)
      report("step \(step.number): loss \(loss), gradient norm \(norm)")
      traces.append(StepTrace(step: step.number, loss: loss, norm: norm, blocks: fingerprints()))
      // Here the run would end.
      if verdict == .nonFinite(endsRun: true) { break }
    }
    return traces
  }

  /// Of the weights and moments of every update block, each from a rank that updates it.
  private func fingerprints() -> [Fingerprint] {
    let blocks = setup.built.arena.blocks
    let (owned, lines) = (trainingStep.reduction.owned, lines)
    var own = [Fingerprint?](repeating: nil, count: owned.count)
    own.withUnsafeMutableBufferPointer { own in
      nonisolated(unsafe) let own = own
      backend.pool.parallel(owned.count) { task in
        let range = blocks[owned[task]].range
        own[task] = Fingerprint(
          of: lines.reduce(into: Data()) { $0.append($1.slice(range.lowerBound, count: range.count).buffer) })
      }
    }
    let texts = communicator.allGather(own.flatMap { Array(($0?.description ?? "").utf8) })
    var all = [Fingerprint?](repeating: nil, count: blocks.count)
    for (owned, text) in zip(communicator.allGather(owned), texts) {
      let length = text.count / max(1, owned.count)
      for (index, block) in owned.enumerated() {
        let digits = text[index * length..<(index + 1) * length]
        all[block] = Fingerprint(hexadecimal: String(decoding: digits, as: UTF8.self))
      }
    }
    return all.compactMap { $0 }
  }
}
