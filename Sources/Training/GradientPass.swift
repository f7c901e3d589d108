import Autograd
import Collectives
import Essentials
import Models
import Tensors

/// Forward and backward over a rank's lanes, in one go or, to save memory, in portions that are added in the same
/// tree: the sums have the same bits either way.
struct GradientPass {
  let model: ClipCap
  let arena: ParameterArena
  let checkpointsActivations: Bool
  let reduction: LineReduction
  let timeline: Timeline
  let backend: Backend

  /// Leaves the sum over all given batches in the arena's gradients, and lets the reduction over ranks begin with what
  /// is final while backward goes on.
  /// - Parameter batches: consecutive groups of as many lanes each.
  /// - Returns: every lane's loss, and the gradients of single table rows in the order of the batch.
  func run(_ batches: [CaptionBatch], dropout: DropoutKey) -> (losses: [Double], rows: [RowGradients]) {
    var losses: [Double] = []
    var rows: [RowGradients] = []
    var sum = LaneSum(count: arena.trainableCount, on: backend, parallel: true)
    for batch in batches {
      let tape = Tape(
        on: backend, dropout: dropout, checkpointingActivations: checkpointsActivations)
      losses += timeline.measure(.forward) { model.losses(batch, on: tape) }
      // With several portions nothing is final before the last.
      if batches.count == 1 {
        var front = GradientFront(of: arena)
        tape.afterBackwardStep = { [reduction] finished in
          front.finish(finished)
          reduction.advance(to: front.offset)
        }
      }
      timeline.measure(.backward) { tape.backward() }
      rows += tape.rowGradients
      if batches.count > 1 { sum.add { copy(arena.gradients, to: $0) } }
    }
    if batches.count > 1 { copy(sum.total(), to: arena.gradients.pointer) }
    return (losses, rows)
  }

  private func copy(_ source: Matrix, to destination: UnsafeMutablePointer<Float>) {
    backend.inBlocks(of: arena.trainableCount) { start, count in
      (destination + start).update(from: source.pointer + start, count: count)
    }
  }
}
