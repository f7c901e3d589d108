import Autograd
import Collectives
import Configuration
import Optimization
import Support
import Tensors
import Training

/// Times optimizer steps of training: the code of a run, without its files.
public struct StepBenchmark {
  public var model = BenchmarkModel()
  /// Captions of a step, over all ranks.
  public var batchSize = 40
  /// Tokens of each caption; nil: as many as COCO's have.
  public var tokens: Int?
  public var lanes = 8
  /// Steps in all, of which the first ``warmup`` are not counted.
  public var steps = 12
  public static let warmup = 2

  public init() {}

  /// All ranks call this together.
  /// - Parameter progress: told of each step when it ends.
  /// - Throws: `Failure.usage` for a batch that cannot be shared.
  public func run(
    _ communicator: Communicator, on backend: Backend, progress: (BenchmarkProgress) -> Void = { _ in }
  ) throws -> StepReport {
    try communicator.agree { try validate(ranks: communicator.size) }
    let load = loadAverage()
    // First, so that its arrays do not stand beside the model in memory.
    let peak = MachinePeak(communicator, on: backend)
    let memory = SharedNodeMemory(communicator)
    let built = try model.build(in: memory, communicator, on: backend)
    let captions = SyntheticCaptions(
      batchSize: batchSize, lanes: lanes, embeddingWidth: model.embeddingWidth,
      vocabularySize: model.languageModel.vocabularySize, seed: 1, tokens: tokens)
    let step = try MeasuredStep(built, memory, captions, communicator, backend)
    let stopwatch = Stopwatch(communicator, on: backend)
    var samples: [[Stopwatch.Sample]] = []
    for index in 0..<steps {
      let phases = step.run(index, stopwatch)
      progress(BenchmarkProgress(items: batchSize, seconds: phases.reduce(0) { $0 + $1.seconds }))
      if index >= Self.warmup { samples.append(phases) }
    }
    let resident = communicator.allGather([peakResidentBytes() ?? 0]).map { $0[0] }
    let counted = Self.warmup..<steps
    let works = try counted.map { try StepWork(model, lengths: captions.lengths(step: $0)) }
    return StepReport(
      model: model.kind, precision: backend.precision, batchSize: batchSize, ranks: communicator.size,
      threads: backend.pool.threads, instructionSet: backend.instructionSet,
      timing: stopwatch.timing(
        samples.map { phases in
          Stopwatch.Sample(
            seconds: phases.reduce(0) { $0 + $1.seconds }, additions: phases.map(\.additions).min() ?? 0)
        }),
      phases: Dictionary(
        uniqueKeysWithValues: MeasuredStep.phases.enumerated().map { place, name in
          (name, Timing(samples.map { $0[place].seconds }).median)
        }),
      tokens: counted.reduce(0) { $0 + captions.lengths(step: $1).reduce(0, +) } / counted.count,
      operations: works.reduce(0) { $0 + $1.operations } / Double(counted.count),
      optimizerBytes: works[0].optimizerBytes(backend.precision),
      peak: peak.better(MachinePeak(communicator, on: backend)), peakResidentBytes: resident,
      loadAverage: load)
  }

  private func validate(ranks: Int) throws {
    let most = model.languageModel.contextLength - model.prefixLength + 1
    guard (1...most).contains(tokens ?? 1) else {
      throw Failure.usage(
        "--tokens is \(tokens ?? 0), but must be between 1 and \(most); choose another number."
      )
    }
    guard lanes > 0, lanes.nonzeroBitCount == 1 else {
      throw Failure.usage("--lanes is \(lanes), but must be a power of two; choose another number.")
    }
    guard steps > Self.warmup else {
      throw Failure.usage(
        "--steps is \(steps), but the first \(Self.warmup) are not counted; ask for \(Self.warmup + 1) or more."
      )
    }
    guard ranks <= lanes, lanes <= batchSize, batchSize % ranks == 0 else {
      throw Failure.usage(
        "A batch of \(batchSize) in \(lanes) lanes was asked for on \(ranks) ranks; the batch must have a caption for each "
          + "lane and be a multiple of the ranks, and the ranks must not outnumber the lanes.")
    }
  }
}

/// A step of training, phase by phase.
private struct MeasuredStep {
  static let phases = ["gradients", "update"]

  let step: TrainingStep<CaptioningTask>
  let captions: SyntheticCaptions
  let communicator: Communicator
  let backend: Backend

  init(
    _ built: ModelWithArena, _ memory: SharedNodeMemory, _ captions: SyntheticCaptions,
    _ communicator: Communicator,
    _ backend: Backend
  ) throws {
    let optimizer = AdamW(OptimizerSection().adamW, arena: built.arena, on: backend)
    step = TrainingStep(
      CaptioningTask(built.model), built.arena, optimizer, in: memory, communicator: communicator, on: backend
    )
    self.captions = captions
    self.communicator = communicator
    self.backend = backend
  }

  /// Runs the step, counted from 0, when its batch is there.
  /// - Returns: a sample of each phase.
  func run(_ index: Int, _ stopwatch: Stopwatch) -> [Stopwatch.Sample] {
    let lengths = captions.lengths(step: index)
    let tokens = lengths.reduce(0, +)
    let batch = captions.batch(
      lengths: lengths, step: index, lanes: communicator.localRange(of: captions.lanes), on: backend)
    communicator.barrier()
    var norm = 0.0
    return [
      stopwatch.sample {
        let key = DropoutKey(seed: 0, step: UInt32(truncatingIfNeeded: index))
        norm = step.gradients(of: [batch], tokens: tokens, dropout: key).norm
      },
      stopwatch.sample {
        step.update(
          step: index + 1, learningRate: OptimizerSection().learningRate,
          gradientScale: clippingScale(norm: norm, limit: nil))
      },
    ]
  }
}
