import Autograd
import Collectives
import Configuration
import Foundation
import Logging
import Metrics
import Models
import Optimization
import Runs
import Support
import Tensors
import Text

/// How a run came to its end.
public enum RunEnding: Sendable {
  case finished
  case stoppedEarly
  /// A signal asked for it; the run can be resumed.
  case interrupted
}

/// Trains one configuration: from the files it names to the last checkpoint.
///
/// The order of a step: this rank's lanes forward and backward, the tree over ranks, the norm, the update.
public final class Trainer {
  private let configuration: Configuration
  private let communicator: Communicator
  private let backend: Backend
  private let directory: RunDirectory
  private let lock: RunLock?
  private let model: any CaptionModel
  private let arena: ParameterArena
  private let optimizer: AdamW
  private let tokenizer: any Tokenizer
  private let steps: StepPlan
  /// Of a run that has nothing left to do, of which all is left as it is; nil of another.
  private let ending: RunEnding?
  private let validation: Validation?
  private let captionValidation: CaptionValidation?
  private let trainingStep: TrainingStep<CaptioningTask>
  /// On rank 0, which tells of it.
  private var pace: StragglerDetector?
  private let timeline: Timeline
  private var state: RunState
  /// What the newest checkpoint says.
  private var savedState: RunState
  private let log: MetricsLog?
  private let progress: ProgressLine?
  /// Silent on all ranks but the first.
  private let logger: Logger
  private let checkpoints: CheckpointWriter?
  private let incidents: IncidentRecorder

  /// Reads all files, builds the model and restores a checkpoint: whatever can be wrong is found here.
  /// - Parameters:
  ///   - warnings: what a user should know of the machine.
  ///   - timeline: is told what this rank does when.
  /// - Throws: `Failure`, the same on all ranks.
  public init(
    _ configuration: Configuration, resume: ResumePolicy, warnings: [String] = [], communicator: Communicator,
    timeline: Timeline = Timeline(), on backend: Backend
  ) throws {
    timeline.onChange = { Watchdog.shared.show("\($0)") }
    try communicator.prepare(for: configuration, on: backend)
    let directory = RunDirectory(configuration.run.directory)
    func takeLock() throws -> RunLock? {
      try communicator.isRoot && directory.exists ? RunLock(directory) : nil
    }
    let held = try communicator.agree(takeLock)
    if resume == .never { try communicator.agree { try directory.requireUnused() } }
    let setup = try TrainingSetup(
      configuration, resume: resume, warnings: warnings, communicator: communicator, on: backend)
    self.configuration = configuration
    self.communicator = communicator
    self.backend = backend
    self.directory = directory
    model = setup.built.model
    arena = setup.built.arena
    optimizer = setup.optimizer
    tokenizer = setup.tokenizer
    steps = StepPlan(setup, configuration)
    ending = setup.ending
    state = setup.state
    savedState = setup.state
    validation = setup.validation.map {
      Validation(
        setup.built.model, $0, batchSize: configuration.train.batchSize, communicator: communicator,
        on: backend)
    }
    captionValidation = try communicator.agree {
      guard let held = setup.validation, configuration.validation.metricsEvery != nil else { return nil }
      return try CaptionValidation(
        setup.built.model, setup.tokenizer, held.corpus.stores, configuration, communicator: communicator,
        on: backend)
    }
    trainingStep = TrainingStep(
      CaptioningTask(setup.built.model, configuration.train), setup.built.arena, optimizer, in: setup.memory,
      checkpointsActivations: configuration.train.activationCheckpointing,
      gradientReductionPrecision: configuration.train.gradientReductionPrecision, communicator: communicator,
      timeline: timeline, on: backend)
    self.timeline = timeline
    let isRoot = communicator.isRoot
    pace = isRoot ? StragglerDetector(hosts: communicator.hosts) : nil
    lock = try communicator.agree {
      guard isRoot, setup.ending == nil else { return held }
      try directory.create()
      return try held ?? RunLock(directory)
    }
    let frozen: Manifest.Entry?
    (log, frozen) = try communicator.agree {
      guard isRoot, setup.ending == nil else {
        if isRoot { try setup.setLinks() }
        return (nil, nil)
      }
      let frozen = try setup.prepareDirectory()
      let log = try MetricsLog(
        setup.directory, resumingAt: setup.state, tensorboard: configuration.log.tensorboard)
      return (log, frozen)
    }
    let line = isRoot ? ProgressLine(totalSteps: steps.count, interval: configuration.log.everySteps) : nil
    progress = line
    logger = Logger(label: "capstan.training") { _ -> any LogHandler in
      if let line { ConsoleLogHandler(line) } else { SwiftLogNoOpLogHandler() }
    }
    incidents = IncidentRecorder(
      directory: directory, section: configuration.numerics, communicator: communicator, logger: logger)
    guard isRoot else {
      checkpoints = nil
      return
    }
    checkpoints = CheckpointWriter(
      CheckpointFolder(path: directory.checkpoints), keep: configuration.checkpoint.keep, frozen: frozen,
      arena: arena,
      huggingFaceFiles: setup.model.isHuggingFaceModel
        ? HuggingFaceFiles(configuration: setup.model, tokenizer: setup.tokenizer) : nil,
      on: backend)
    if let note = lock?.note { logger.warning("\(note)") }
    for (level, sentence) in setup.summary(communicator, backend) { logger.log(level: level, "\(sentence)") }
    if let warning = StopPromise.warning(ProcessInfo.processInfo.environment) {
      logger.warning("\(warning)")
    }
    if let missing = log?.missingSteps, missing > 0 {
      logger.warning("metrics.jsonl lacks \(missing) of the \(state.step) steps that are done")
    }
  }

  /// Trains to the end, or until any rank is asked to stop.
  /// - Parameter request: what this rank is asked for: looked at before and after the gradients of every step, and between
  ///   the batches of a validation.
  public func run(obeying request: () -> RunRequest = { RunSignals.request }) throws -> RunEnding {
    defer { progress?.close() }
    communicator.barrier()
    timeline.start()
    let ending: RunEnding
    do { ending = try train(obeying: request) } catch let shared as CollectiveFailure
      where shared.failure.kind == .interrupted
    {
      ending = .interrupted
    }
    try writeCheckpoint()
    try checkpoints?.wait()
    try log?.close()
    return ending
  }

  /// - Throws: `Failure.interrupted`, on all ranks, when any is asked to stop where nothing is half-done.
  private func train(obeying request: () -> RunRequest) throws -> RunEnding {
    func checkInterrupt() throws {
      guard request() != .stop else { throw Failure.interrupted("The run was stopped.") }
    }
    if let ending { return ending }
    while true {
      if isValidationDue, let validation {
        trainingStep.allGatherExactWeights()
        let loss = try timeline.measure(.validation) { try validation.loss(checkInterrupt: checkInterrupt) }
        try record(
          loss, try timeline.measure(.validation) { try captionScores(checkInterrupt: checkInterrupt) })
      }
      if state.isFinished { return .stoppedEarly }
      if state.step >= steps.count { return .finished }
      if isCheckpointDue { try writeCheckpoint() }
      switch try step(request, checkInterrupt: checkInterrupt) {
      case .continue: break
      case .checkpoint: try writeCheckpoint()
      case .stop: return .interrupted
      }
    }
  }

  /// A run that was interrupted before or in a validation makes up for it when it resumes.
  private var isValidationDue: Bool {
    let isTime = state.step % (configuration.validation.everySteps ?? steps.perEpoch) == 0
    return state.validatedStep != state.step && (isTime || state.step >= steps.count)
  }

  private var isCheckpointDue: Bool {
    guard state.step > 0 else { return false }
    if let interval = configuration.checkpoint.everySteps, state.step % interval == 0 { return true }
    let isEpochsEnd = state.step % steps.perEpoch == 0
    return state.bestStep == state.step
      || configuration.checkpoint.everySteps == nil && (state.validatedStep == state.step || isEpochsEnd)
  }

  /// One optimizer step.
  /// - Returns: what any rank was asked for meanwhile.
  private func step(_ request: () -> RunRequest, checkInterrupt: () throws -> Void) throws -> RunRequest {
    let clock = ContinuousClock()
    let start = clock.now
    timeline.step = state.step + 1
    communicator.currentPhase = "step \(state.step + 1)"
    var step = steps.step(after: state.step, reductions: state.plateau?.reductions ?? 0)
    let built = timeline.measure(.batch) {
      Result {
        try checkInterrupt()
        return try steps.batches(of: step)
      }
    }
    let batches = try timeline.measure(.waiting) { try steps.join(built, of: &step) }
    let gradients = trainingStep.gradients(
      of: batches, tokens: step.tokens, dropout: step.dropout, request: request)
    let slowness = pace?.add(
      gradients.timings, circumstance: checkpoints?.isWriting == true ? "a checkpoint was being written" : nil
    )
    for sentence in pace?.newStragglers() ?? [] { logger.warning("\(sentence)") }
    let (loss, norm) = (gradients.loss(of: step), gradients.norm)
    var numerics = state.numerics ?? SpikeDetector()
    let verdict = numerics.evaluate(loss: loss, norm: norm, by: configuration.numerics)
    try report(verdict, step, loss, gradients, numerics)
    state.numerics = numerics
    state.step = step.number
    trainingStep.update(step, norm: norm, verdict, numerics, clipping: configuration.train)

    let seconds = (clock.now - start) / .seconds(1)
    let metrics = StepMetrics(
      step: state.step, epoch: steps.epochs(after: state.step), loss: loss.isFinite ? loss : nil,
      lossZ: verdict.zScore, learningRate: step.learningRate, gradientNorm: norm.isFinite ? norm : nil,
      tokens: step.tokens, seconds: seconds,
      captionsPerSecond: Double(configuration.train.batchSize) / seconds,
      skipped: verdict.updates ? nil : numerics.skipped, slow: slowness)
    try log?.append(metrics)
    progress?.report(metrics)
    return gradients.request
  }

  /// Says what is wrong with a step, if anything is, and ends the run where that must be.
  private func report(
    _ verdict: StepDecision, _ step: StepPlan.Step, _ loss: Double, _ gradients: StepGradients,
    _ numerics: SpikeDetector
  ) throws {
    guard let kind = verdict.incident else { return }
    let names = trainingStep.nonFiniteGradients
    let incident = try communicator.agree {
      try Incident(
        kind, at: step, of: steps, loss: loss, zScore: verdict.zScore, gradients, nonFiniteGradients: names,
        tokenizer: tokenizer)
    }
    guard verdict == .nonFinite(endsRun: true) else {
      return try incidents.continueRun(after: incident, verdict, numerics)
    }
    try snapshot()
    try incidents.endRun(at: incident) { try checkpoints?.write(state, to: $0, adding: $1) }
  }

  /// Of captions that are made now; nil where it is not time for them.
  private func captionScores(checkInterrupt: () throws -> Void) throws -> [Metric: Double]? {
    guard let captionValidation, let epochs = configuration.validation.metricsEvery,
      state.step % (epochs * steps.perEpoch) == 0 || state.step >= steps.count
    else { return nil }
    return try captionValidation.scores(checkInterrupt: checkInterrupt)
  }

  private func record(_ validationLoss: Double, _ scores: [Metric: Double]?) throws {
    try communicator.agree {
      guard validationLoss.isFinite else {
        throw Failure.runtime(
          "At step \(state.step) the validation loss is \(validationLoss), which must be finite; look for damaged "
            + "embeddings in the validation files with `capstan data info`.")
      }
    }
    let cider = scores?[.cider]
    let isBest =
      switch configuration.validation.best {
      case .loss: validationLoss < state.bestLoss ?? .infinity
      case .cider: cider.map { $0 > state.bestCIDEr ?? -.infinity } ?? false
      }
    if isBest { state.bestStep = state.step }
    state.bestLoss = min(validationLoss, state.bestLoss ?? .infinity)
    if let cider { state.bestCIDEr = max(cider, state.bestCIDEr ?? -.infinity) }
    state.validatedStep = state.step
    // A validation without scores says nothing about which checkpoint has the best.
    if configuration.validation.best == .loss || cider != nil {
      state.validationsSinceBest = isBest ? 0 : state.validationsSinceBest + 1
    }
    lowerRate(after: configuration.validation.best == .loss ? validationLoss : cider.map { -$0 })
    if let patience = configuration.validation.patience, state.validationsSinceBest >= patience {
      state.isFinished = true
    }
    let epoch = steps.epochs(after: state.step)
    try log?.append(
      ValidationMetrics(
        step: state.step, epoch: epoch, validationLoss: validationLoss,
        scores: scores.map { Dictionary(uniqueKeysWithValues: $0.map { ($0.rawValue, $1) }) }, isBest: isBest)
    )
    let best = isBest ? ", the best so far" : ""
    let measured = String(format: "step %d (epoch %.2f): loss %.4f", state.step, epoch, validationLoss)
    let scored = cider.map { String(format: ", CIDEr %.4f", $0) } ?? ""
    logger.info("validation at \(measured)\(scored)\(best)")
  }

  /// Lowers the learning rate where the schedule does so on a plateau and this is one.
  /// - Parameter score: of the validation, less being better; nil where it has none.
  private func lowerRate(after score: Double?) {
    guard configuration.schedule.shape == .plateau, let score else { return }
    let before = state.plateau ?? PlateauState()
    var plateau = before
    plateau.add(score, patience: configuration.schedule.plateauPatience)
    state.plateau = plateau
    if plateau.reductions > before.reductions {
      logger.info("validations no longer improve: the learning rate is lowered behind step \(state.step)")
    }
  }

  private func writeCheckpoint() throws {
    RunSignals.acceptCheckpoint()
    guard state != savedState else { return }
    try timeline.measure(.checkpoint) { try snapshot() }
    checkpoints?.write(state)
    savedState = state
  }

  /// Brings weights and moments together where checkpoints are written.
  private func snapshot() throws {
    let values = arena.values.slice(0, count: arena.trainableCount)
    let buffers = [values, optimizer.moment1, optimizer.moment2]
    if let checkpoints {
      try checkpoints.copy(buffers) { trainingStep.reduction.gather($0, into: $1) }
    } else {
      for buffer in buffers { trainingStep.reduction.gather(buffer, into: nil) }
    }
  }
}
