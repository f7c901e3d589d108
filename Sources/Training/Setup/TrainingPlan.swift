import Collectives
import Configuration
import Datasets
import FileFormats
import Foundation
import Logging
import Models
import Runs
import Support
import Tensors

/// What a run is to do, as far as its files tell before a model is made.
struct TrainingPlan {
  /// With the sizes that the language model has.
  let configuration: Configuration
  let data: TrainingData
  private let backend: Backend

  /// To be called by all ranks together.
  /// - Throws: `Failure`, the same on all ranks.
  init(_ configuration: Configuration, communicator: Communicator, on backend: Backend) throws {
    data = try TrainingData(configuration, communicator: communicator, on: backend)
    var configuration = configuration
    configuration.model.section = try configuration.model.section.having(
      data.model, from: configuration.model.initialModel)
    self.configuration = configuration
    try communicator.agree { [data] in
      try configuration.requireGroups(
        in: configuration.makeModel(data.model, startToken: data.tokenizer.endOfText))
    }
    self.backend = backend
  }

  var directory: RunDirectory { RunDirectory(configuration.run.directory) }

  /// What must be the same whenever the run is resumed.
  /// - Parameter grid: of the ranks that share memory.
  func identity(_ grid: NodeTopology) -> RunIdentity {
    RunIdentity(
      seed: configuration.run.seed, batchSize: configuration.train.batchSize,
      lanes: configuration.train.lanes,
      tokenizer: data.tokenizer.fingerprint, captionTexts: data.corpus.fingerprint,
      shuffleWindow: configuration.data.shuffleWindow,
      embeddings: EmbeddingSpec(of: data.corpus.stores[0]), model: data.model,
      precision: backend.precision,
      roundingNodes: roundsGradients(grid) && grid.isDivisible ? grid.nodes : nil)
  }

  /// Whether gradients are to travel between nodes in bfloat16.
  func roundsGradients(_ grid: NodeTopology) -> Bool {
    configuration.train.gradientReductionPrecision == .bfloat16 && grid.nodes > 1
  }

  /// How a run that stands there has ended; nil where something is left to do.
  func ending(at state: RunState) -> RunEnding? {
    if isStoppedEarly(state) { return .stoppedEarly }
    let isValidated = data.validationCorpus == nil || state.validatedStep == state.step
    return state.step >= data.totalSteps && isValidated ? .finished : nil
  }

  /// A run that has ended early resumes when it is given more patience.
  private func isStoppedEarly(_ state: RunState) -> Bool {
    state.isFinished && configuration.validation.patience.map { state.validationsSinceBest >= $0 } ?? false
  }

  /// Whether the run can resume from a checkpoint, or has ended there as it is wanted now.
  /// - Throws: `Failure.usage` for a checkpoint of another run, for one beyond the end, and for one at the end that was
  ///   reached with other values of keys: nothing would be trained by those that are asked for.
  func requireContinuation(of checkpoint: Checkpoint, _ grid: NodeTopology) throws {
    let state = checkpoint.state
    try state.identity.requireSame(as: identity(grid), checkpoint: checkpoint.directory)
    guard state.step <= data.totalSteps else {
      let train = configuration.train
      let limit =
        train.epochs.map { "\(data.totalSteps) of train.epochs = \($0)" }
        ?? "\(data.totalSteps) of train.steps"
      throw Failure.usage(
        "\(checkpoint.directory) has done \(state.step) steps, more than the \(limit); ask for at least as many, or go "
          + "back to an earlier checkpoint by --resume PATH.")
    }
    guard state.step == data.totalSteps || isStoppedEarly(state),
      let before = history(of: checkpoint).newest,
      let difference = configuration.differences(from: before).first(where: \.isMaterial)
    else { return }
    throw Failure.usage(
      "\(checkpoint.directory) is the end of a run with \(difference.key) \(difference.before), but it is "
        + "\(difference.now) now, by which nothing would be trained; set it back, or start a new run in another directory."
    )
  }

  /// - Throws: `Failure.badData` when the files that the run is to start from hold no weights of a model.
  func requireWeights() throws {
    if let start = data.start {
      _ = try start.weights()
    } else if let directory = configuration.model.section.weightsDirectory {
      _ = try ModelWeights(StateDict(path: directory))
    }
  }

  /// By what a checkpoint was made.
  func history(of checkpoint: Checkpoint) -> ConfigurationHistory {
    let origin = checkpoint.run.holdsRun ? checkpoint.run : directory
    return ConfigurationHistory(of: origin, upTo: checkpoint.state.step)
  }

  /// What is not as it was before a checkpoint that is resumed from.
  func changes(since checkpoint: Checkpoint) -> [(Logger.Level, String)] {
    let step = checkpoint.state.step
    guard let before = history(of: checkpoint).newest else { return [] }
    func rate(_ configuration: Configuration, at step: Int) -> Double {
      let total = configuration.train.totalSteps(perEpoch: data.stepsPerEpoch)
      return configuration.optimizer.learningRate
        * configuration.schedule.over(total).factor(
          at: step, reductions: checkpoint.state.plateau?.reductions ?? 0)
    }
    let (last, planned, next) = (
      rate(before, at: step - 1), rate(before, at: step), rate(configuration, at: step)
    )
    let jump = String(
      format:
        "the learning rate goes from %.2e at step %d to %.2e at step %d, where the run had planned %.2e",
      last, step, next, step + 1, planned)
    return configuration.differences(from: before).map { (.warning, "changed behind step \(step): \($0)") }
      + (next != planned && step < data.totalSteps ? [(.warning, jump)] : [])
  }
}

extension Trainer {
  /// Checks all that a start checks, and makes and writes nothing. To be called by all ranks together.
  /// - Throws: `Failure`, the same on all ranks, where the start would.
  public static func requireStart(
    of configuration: Configuration, resume: ResumePolicy, communicator: Communicator, on backend: Backend
  ) throws {
    try communicator.prepare(for: configuration, on: backend)
    let plan = try TrainingPlan(configuration, communicator: communicator, on: backend)
    let grid = SharedNodeMemory(communicator).grid
    try communicator.agree {
      if resume == .never { try plan.directory.requireUnused() }
      try plan.configuration.requireMemory(
        for: plan.data, ranks: communicator.size, ranksPerNode: grid.ranksPerNode, on: backend)
      if communicator.isRoot { try plan.requireWeights() }
    }
    _ = try ResumePlan(resume, of: plan.directory, communicator, verifying: communicator.isRoot) {
      try plan.requireContinuation(of: $0, grid)
    }
  }
}
