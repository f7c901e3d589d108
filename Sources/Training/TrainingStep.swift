import Autograd
import Collectives
import Essentials
import Models
import Optimization
import Tensors

/// One optimizer step on all ranks together: this rank's lanes forward and backward, the tree over ranks, the norm, and
/// the update of what this rank owns.
public struct TrainingStep {
  let reduction: LineReduction
  private let arena: ParameterArena
  private let optimizer: AdamW
  private let gradients: GradientPass
  private let communicator: Communicator
  private let timeline: Timeline
  private let backend: Backend

  /// What the ranks know of a step before they update.
  public struct Gradients {
    /// Every lane's loss, of all ranks.
    public let losses: [Double]
    public let norm: Double
    /// Whether any rank was asked to stop.
    public let isAnyAskedToStop: Bool
  }

  /// - Parameter memory: where the model's lines are.
  public init(
    _ built: BuiltModel, _ optimizer: AdamW, in memory: NodeMemory, checkpointsActivations: Bool = false,
    communicator: Communicator, timeline: Timeline = Timeline(), on backend: Backend
  ) {
    arena = built.arena
    self.optimizer = optimizer
    self.communicator = communicator
    self.timeline = timeline
    self.backend = backend
    reduction = LineReduction(
      arena.blocks.map(\.range), of: arena.gradientLines, in: memory, communicator: communicator,
      timeline: timeline, on: backend)
    gradients = GradientPass(
      model: built.model, arena: arena, checkpointsActivations: checkpointsActivations,
      reduction: reduction, timeline: timeline, backend: backend)
  }

  /// Leaves each rank with the sums of the gradients that it owns.
  /// - Parameter batches: this rank's lanes, in one or several portions.
  public func gradients(
    of batches: [CaptionBatch], dropout: DropoutKey, isAskedToStop: Bool = false
  ) -> Gradients {
    let (losses, rows) = gradients.run(batches, dropout: dropout)
    reduction.finish()
    timeline.measure(.reduction) { communicator.addRowGradients(rows, to: arena, reduction, on: backend) }
    return timeline.measure(.waiting) {
      let gathered = communicator.allGather(losses + [isAskedToStop ? 1 : 0])
      return Gradients(
        losses: gathered.flatMap { $0.dropLast() }, norm: reduction.norm(),
        isAnyAskedToStop: gathered.contains { $0.last == 1 })
    }
  }

  /// Updates the parameters and hands them to all ranks.
  /// - Parameter step: counts from 1.
  public func update(step: Int, learningRate: Double, gradientScale: Double) {
    timeline.measure(.optimizer) {
      optimizer.update(
        reduction.owned.map { arena.blocks[$0] }, step: step, learningRate: learningRate,
        gradientScale: gradientScale)
      reduction.exchangeBlocks(of: arena.values)
      backend.pool.parallel(reduction.received.count) {
        arena.blocks[reduction.received[$0]].valuesHaveChanged(on: backend)
      }
    }
    timeline.measure(.waiting) { reduction.endUpdate() }
  }
}
