import Autograd
import Batching
import Configuration
import Models
import Optimization

/// The steps of a run as far as they depend on nothing but their place and what validations have found, so that a
/// resumed run continues where it was.
struct StepPlan {
  let perEpoch: Int
  let count: Int
  let training: BatchBuilder
  private let configuration: Configuration
  private let sampler: Sampler
  private let schedule: Schedule

  init(_ setup: TrainingSetup, _ configuration: Configuration) {
    perEpoch = setup.stepsPerEpoch
    count = setup.totalSteps
    training = setup.training
    self.configuration = configuration
    sampler = Sampler(
      count: training.corpus.count, window: configuration.data.shuffleWindow,
      seed: UInt64(configuration.run.seed))
    schedule = configuration.schedule.over(count)
  }

  /// What one step begins with.
  struct Step {
    /// Counts from 1.
    let number: Int
    /// The captions of the global batch.
    let samples: [Int]
    /// The samples to be read ahead of later steps.
    let prefetch: [Range<Int>]
    /// Target tokens of the global batch, known when all ranks have built their parts.
    fileprivate(set) var tokens = 0
    let dropout: DropoutKey
    let learningRate: Double
  }

  /// - Parameters:
  ///   - done: the steps before it.
  ///   - reductions: how often validations have lowered the learning rate so far.
  func step(after done: Int, reductions: Int) -> Step {
    let batchSize = configuration.train.batchSize
    let (epoch, place) = done.quotientAndRemainder(dividingBy: perEpoch)
    let positions = place * batchSize..<(place + 1) * batchSize
    return Step(
      number: done + 1, samples: positions.map { sampler.sample(epoch: epoch, position: $0) },
      prefetch: sampler.prefetch(epoch: epoch, positions: positions),
      dropout: DropoutKey(
        seed: UInt64(configuration.run.seed), step: UInt32(truncatingIfNeeded: done)),
      learningRate: configuration.optimizer.learningRate * schedule.factor(at: done, reductions: reductions))
  }

  /// This rank's lanes of a step, in the microbatches that it works through, for `join(_:of:)`.
  /// - Throws: `Failure` when a caption cannot be read or an embedding is not finite.
  func batches(of step: Step) throws -> [CaptionBatch] {
    training.corpus.prefetch(step.prefetch)
    return try training.batches(of: step.samples, microbatches: configuration.train.accumulationSteps)
  }

  /// What all ranks have built of a step, as parts of one batch whose tokens the step then knows. To be called by all
  /// ranks together.
  /// - Throws: `Failure`, the same on all ranks, when any could not build its part.
  func join(_ built: Result<[CaptionBatch], any Error>, of step: inout Step) throws -> [CaptionBatch] {
    let (batches, tokens) = try training.joined(built)
    step.tokens = tokens
    return batches
  }

  /// The epochs that are over after as many steps.
  func epochs(after steps: Int) -> Double { Double(steps) / Double(perEpoch) }
}
