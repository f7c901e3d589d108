import Autograd
import Collectives
import Configuration
import Models
import Optimization
import Runs
import Support
import Tensors

/// One optimizer step on all ranks together: this rank's lanes forward and backward, the tree over ranks, the norm, and
/// the update of what this rank owns.
public struct TrainingStep<Task: TrainingTask> {
  let reduction: GradientReduction
  private let task: Task
  private let arena: ParameterArena
  /// In which the values of each block travel between nodes.
  private let precisions: [Precision]
  private let optimizer: AdamW
  private let gradients: GradientPass<Task>
  private let communicator: Communicator
  private let timeline: Timeline
  private let runQueueDelay = RunQueueDelay()
  private let backend: Backend

  /// - Parameters:
  ///   - memory: where the model's flat buffers are.
  ///   - gradientReductionPrecision: in which gradients travel between nodes.
  public init(
    _ task: Task, _ arena: ParameterArena, _ optimizer: AdamW, in memory: SharedNodeMemory,
    checkpointsActivations: Bool = false,
    gradientReductionPrecision: Precision = .float32, communicator: Communicator,
    timeline: Timeline = Timeline(),
    on backend: Backend
  ) {
    self.task = task
    self.arena = arena
    precisions = arena.blocks.map(\.precision)
    self.optimizer = optimizer
    self.communicator = communicator
    self.timeline = timeline
    self.backend = backend
    reduction = GradientReduction(
      arena.blocks.map(\.range), of: arena.gradientBuffers, in: memory, transport: gradientReductionPrecision,
      communicator: communicator, timeline: timeline, on: backend)
    gradients = GradientPass(
      task: task, arena: arena, checkpointsActivations: checkpointsActivations,
      reduction: reduction, timeline: timeline, backend: backend)
  }

  /// Leaves each rank with the sums of the gradients that it owns.
  /// - Parameters:
  ///   - batches: this rank's lanes, in one or several microbatches.
  ///   - tokens: target tokens of the global batch.
  ///   - request: what this rank is asked for, looked at as late as can be.
  public func gradients(
    of batches: [Task.Batch], tokens: Int, dropout: DropoutKey, request: () -> RunRequest = { .continue }
  ) -> StepGradients {
    let lookups = lookups(of: batches)
    fetchRows(of: lookups)
    let (losses, rows) = gradients.run(
      batches, denominator: task.denominator(tokens: tokens), dropout: dropout)
    reduction.finish()
    timeline.measure(.reduction) {
      communicator.reduceSparseGradients(
        rows, to: lookups.map(\.table), in: arena, reduction, on: backend)
    }
    let work = RankTimings.values(timeline, runQueueDelay)
    return timeline.measure(.waiting) {
      let gathered = communicator.allGather([Double(request().rawValue)] + work + losses)
      return StepGradients(
        losses: gathered.flatMap { $0.dropFirst(1 + work.count) }, norm: reduction.norm(),
        request: gathered.compactMap { RunRequest(rawValue: Int($0[0])) }.max() ?? .continue,
        timings: gathered.map { RankTimings(Array($0[1...work.count])) })
    }
  }

  /// Updates the parameters and hands them to all ranks.
  /// - Parameters:
  ///   - step: counts from 1.
  ///   - gradientScale, clipValue: see ``AdamW/update(_:step:learningRate:gradientScale:clipValue:)``.
  public func update(step: Int, learningRate: Double, gradientScale: Double, clipValue: Double? = nil) {
    timeline.measure(.optimizer) {
      reduction.updateAndAllGather(of: arena.values, as: precisions) { owned in
        optimizer.update(
          owned.map { arena.blocks[$0] }, step: step, learningRate: learningRate,
          gradientScale: gradientScale, clipValue: clipValue)
      } arrived: {
        arena.blocks[$0].repack(on: backend)
      }
    }
    timeline.measure(.waiting) { reduction.updateBarrier() }
  }

  /// Updates the parameters as the verdict on a step has it.
  func update(
    _ step: StepPlan.Step, norm: Double, _ verdict: StepDecision, _ numerics: SpikeDetector,
    clipping section: TrainSection
  ) {
    guard verdict.updates else { return }
    update(
      // A step that was skipped has no part in the moments.
      step: step.number - numerics.skipped, learningRate: step.learningRate,
      gradientScale: clippingScale(norm: norm, limit: section.clipNorm), clipValue: section.clipValue)
  }

  /// The parameters whose gradients of the last step are not finite, by name, in the order of the arena.
  var nonFiniteGradients: [String] {
    var names: [String] = []
    for block in reduction.nonFiniteBlocks where names.last != arena.blocks[block].parameter.name {
      names.append(arena.blocks[block].parameter.name)
    }
    return names
  }

  /// Brings the exact values of all parameters to all nodes, which between steps have factors of products rounded to
  /// bfloat16: before anything but a step looks at them.
  public func allGatherExactWeights() {
    guard isRounding else { return }
    timeline.measure(.waiting) {
      reduction.updateAndAllGather(of: arena.values)
      reduction.updateBarrier()
    }
  }

  /// Whether this node has other nodes' values in bfloat16.
  private var isRounding: Bool { reduction.exchangesBlocks && precisions.contains(.bfloat16) }

  /// What all batches look up: of the same tables, in the same order, on every rank.
  private func lookups(of batches: [Task.Batch]) -> [EmbeddingLookup] {
    let lookups = batches.map(task.embeddingLookups)
    return (lookups.first ?? []).enumerated().map { index, first in
      EmbeddingLookup(table: first.table, ids: lookups.flatMap { $0[index].ids })
    }
  }

  /// Brings the exact values of the rows that are looked up to all nodes.
  private func fetchRows(of lookups: [EmbeddingLookup]) {
    guard isRounding else { return }
    timeline.measure(.waiting) { communicator.fetchEmbeddingRows(lookups, in: arena, reduction) }
  }
}
