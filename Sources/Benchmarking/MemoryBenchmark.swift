import Autograd
import Collectives
import Models
import Optimization
import Support
import Tensors
import Training

/// Predicts the memory of a run and, if wanted, holds it against two steps with random weights and captions.
public struct MemoryBenchmark {
  public var plan: MemoryPlan
  public var isMeasured = false

  public init(_ plan: MemoryPlan) { self.plan = plan }

  /// A model with random weights, and captions of COCO's lengths.
  public init(_ model: BenchmarkModel, batchSize: Int) throws {
    var configuration = model.configuration
    configuration.train.batchSize = batchSize
    let captions = SyntheticCaptions(
      batchSize: batchSize, lanes: configuration.train.lanes, embeddingWidth: model.embeddingWidth,
      vocabularySize: model.languageModel.vocabularySize, seed: 1)
    plan = try MemoryPlan(
      configuration, model.modelConfiguration, embeddingWidth: model.embeddingWidth,
      lengths: captions.lengths(step: 0))
  }

  /// All ranks call this together.
  /// - Parameter ranks: to predict for, all on this node; nil: those that there are.
  public func run(ranks: Int? = nil, _ communicator: Communicator, on backend: Backend) throws -> MemoryReport
  {
    let memory = SharedNodeMemory(communicator)
    let predicted = try plan.memory(
      precision: backend.precision, ranks: ranks ?? communicator.size,
      ranksPerNode: ranks ?? memory.grid.ranksPerNode, threads: backend.pool.threads)
    let measured = isMeasured ? try measure(memory, communicator, on: backend) : nil
    return MemoryReport(
      predicted: predicted, precision: backend.precision, ranks: ranks ?? communicator.size,
      batchSize: plan.lengths.count, tokens: plan.lengths.reduce(0, +), measured: measured)
  }

  /// The most that was resident at a time in two steps, less what was before: on rank 0.
  private func measure(_ memory: SharedNodeMemory, _ communicator: Communicator, on backend: Backend) throws
    -> Int
  {
    let base = residentBytes() ?? 0
    let configuration = plan.configuration
    let built = configuration.buildRandomModel(
      plan.model, in: memory, communicator, on: backend)
    let optimizer = AdamW(configuration.optimizer.adamW, arena: built.arena, on: backend)
    let step = TrainingStep(
      CaptioningTask(built.model), built.arena, optimizer, in: memory,
      checkpointsActivations: configuration.train.activationCheckpointing, communicator: communicator,
      on: backend)
    let captions = SyntheticCaptions(
      batchSize: plan.lengths.count, lanes: configuration.train.lanes, embeddingWidth: plan.embeddingWidth,
      vocabularySize: plan.model.vocabularySize, seed: 1)
    let lanes = configuration.train.lanes
    let localLanes = communicator.localRange(of: lanes)
    let microbatch = localLanes.count / configuration.train.accumulationSteps
    let batches = stride(from: localLanes.lowerBound, to: localLanes.upperBound, by: microbatch).map {
      captions.batch(lengths: plan.lengths, step: 0, lanes: $0..<$0 + microbatch, on: backend)
    }
    for index in 0..<2 {
      _ = step.gradients(
        of: batches, tokens: plan.lengths.reduce(0, +), dropout: DropoutKey(seed: 0, step: UInt32(index)))
      step.update(step: index + 1, learningRate: 1e-6, gradientScale: 1)
    }
    return (peakResidentBytes() ?? 0) - base
  }
}

/// The memory of a run, term by term.
public struct MemoryReport: BenchmarkReport {
  public let predicted: MemoryEstimate
  /// Of products.
  public let precision: Precision
  public let ranks: Int
  /// Captions and tokens of a step, over all ranks.
  public let batchSize: Int
  public let tokens: Int
  /// The sum of a step's terms.
  public let predictedStep: Int
  /// What two steps took on rank 0, less what the process had before. What ranks share is counted whole.
  public let measuredStep: Int?

  init(
    predicted: MemoryEstimate, precision: Precision, ranks: Int, batchSize: Int, tokens: Int, measured: Int?
  ) {
    self.predicted = predicted
    self.precision = precision
    self.ranks = ranks
    self.batchSize = batchSize
    self.tokens = tokens
    predictedStep = predicted.step
    measuredStep = measured
  }

  public var table: TextTable {
    let terms = [
      ("weights", predicted.weights), ("packed weights", predicted.packedWeights),
      ("gradients", predicted.gradients), ("moments", predicted.moments),
      ("activations", predicted.activations), ("logits", predicted.logits),
      ("working", predicted.working), ("step", predicted.step), ("checkpoint copies", predicted.checkpoint),
      ("run, rank 0", predicted.run),
    ]
    var facts = [
      ("batch", String(batchSize), "captions, \(tokens) tokens"),
      ("ranks", String(ranks), precision.rawValue),
    ]
    facts += terms.map { ($0.0, megabytes($0.1), "MB a rank") }
    if let measuredStep {
      let ratio = decimal(100 * Double(predicted.step) / Double(measuredStep), 1)
      facts.append(
        (
          "step, measured", megabytes(measuredStep),
          ranks == 1
            ? "MB, of which predicted \(ratio) %" : "MB resident on rank 0, what ranks share counted whole"
        ))
    }
    return TextTable(facts: facts.map { (name: $0.0, value: $0.1, unit: $0.2) })
  }

  private func megabytes(_ bytes: Int) -> String { decimal(Double(bytes) / 1e6, 1) }
}
