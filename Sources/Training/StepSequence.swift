import Autograd
import Models
import Optimization

/// The steps of a run as far as they depend on nothing but their place, so that a resumed run goes on where it was.
struct StepSequence {
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
    sampler = Sampler(count: training.corpus.count, seed: UInt64(configuration.run.seed))
    schedule = Schedule(
      shape: configuration.schedule.shape, warmupSteps: configuration.schedule.warmupSteps,
      totalSteps: count, startsAtZero: configuration.schedule.startsAtZero)
  }

  /// What one step begins with.
  struct Step {
    /// Counts from 1.
    let number: Int
    /// The captions of the global batch.
    let samples: [Int]
    /// Target tokens of the global batch.
    let tokens: Int
    let dropout: DropoutKey
    let learningRate: Double
  }

  /// - Parameter done: the steps before it.
  func step(after done: Int) -> Step {
    let batchSize = configuration.train.batchSize
    let (epoch, place) = done.quotientAndRemainder(dividingBy: perEpoch)
    let samples = (0..<batchSize).map { sampler.sample(epoch: epoch, position: place * batchSize + $0) }
    return Step(
      number: done + 1, samples: samples, tokens: training.countedTokens(of: samples),
      dropout: DropoutKey(
        seed: UInt64(configuration.run.seed), step: UInt32(truncatingIfNeeded: done)),
      learningRate: configuration.optimizer.learningRate * schedule.factor(at: done))
  }

  /// This rank's lanes of a step, in the portions that it works through.
  func batches(of step: Step) -> [CaptionBatch] {
    let hosted = training.hosted
    let portion = hosted.count / configuration.train.accumulate
    return stride(from: hosted.lowerBound, to: hosted.upperBound, by: portion).map {
      training.batch(of: step.samples, lanes: $0..<$0 + portion)
    }
  }

  /// The epochs that are over after as many steps.
  func epochs(after steps: Int) -> Double { Double(steps) / Double(perEpoch) }
}
