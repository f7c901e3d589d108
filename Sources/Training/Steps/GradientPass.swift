import Autograd
import Collectives
import Support
import Tensors

/// Forward and backward over a rank's lanes, in one go or, to save memory, in microbatches that are added in the same
/// tree: the sums have the same bits either way.
struct GradientPass<Task: TrainingTask> {
  let task: Task
  let arena: ParameterArena
  let checkpointsActivations: Bool
  let reduction: GradientReduction
  let timeline: Timeline
  let backend: Backend

  /// Every lane's loss, and the gradients of single table rows in the order of the batch.
  typealias Outcome = (losses: [Double], rows: [SparseGradient])

  /// Leaves the sum over all given batches in the arena's gradients, and lets the reduction over ranks begin with what
  /// is final while the last backward goes on.
  /// - Parameters:
  ///   - batches: consecutive groups of as many lanes each.
  ///   - denominator: what the gradients of the global batch are divided by.
  func run(_ batches: [Task.Batch], denominator: Double, dropout: DropoutKey) -> Outcome {
    sum(batches[...], adding: [], isLast: true, Pass(denominator: denominator, dropout: dropout))
  }

  /// What is the same for all microbatches.
  private struct Pass {
    let denominator: Double
    let dropout: DropoutKey
  }

  /// Leaves the sum over these batches in the arena's gradients, and to it the earlier sums added one after the other.
  /// - Parameter isLast: whether that is the sum over all batches.
  private func sum(
    _ batches: ArraySlice<Task.Batch>, adding earlier: [Matrix], isLast: Bool, _ pass: Pass
  ) -> Outcome {
    guard batches.count > 1 else {
      return batches.first.map { runMicrobatch($0, adding: earlier, isLast: isLast, pass) } ?? ([], [])
    }
    let half = batches.count.leftCount
    let left = sum(batches.prefix(half), adding: [], isLast: false, pass)
    let sum = backend.matrix(1, arena.trainableCount)
    backend.inBlocks(of: sum.count) { start, count in
      (sum.pointer + start).update(from: arena.gradients.pointer + start, count: count)
    }
    let right = self.sum(batches.dropFirst(half), adding: [sum] + earlier, isLast: isLast, pass)
    return (left.losses + right.losses, left.rows + right.rows)
  }

  private func runMicrobatch(
    _ batch: Task.Batch, adding earlier: [Matrix], isLast: Bool, _ pass: Pass
  ) -> Outcome {
    let tape = Tape(on: backend, dropout: pass.dropout, checkpointingActivations: checkpointsActivations)
    let losses = timeline.measure(.forward) {
      task.laneLosses(batch, denominator: pass.denominator, on: tape)
    }
    var added = 0
    func addEarlier(upTo end: Int) {
      let gradients = arena.gradients.slice(added, count: end - added)
      for sum in earlier { backend.add(gradients, sum.slice(added, count: end - added), into: gradients) }
      added = end
    }
    if isLast {
      var readyPrefix = ReadyPrefix(of: arena)
      tape.afterBackwardStep = { [reduction] finished in
        readyPrefix.finish(finished)
        addEarlier(upTo: readyPrefix.offset)
        reduction.markReady(upTo: readyPrefix.offset)
      }
    }
    timeline.measure(.backward) { tape.backward(covering: arena.trainableParameters) }
    addEarlier(upTo: arena.trainableCount)
    return (losses, tape.sparseGradients)
  }
}
