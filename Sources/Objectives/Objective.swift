import Autograd
import Models

/// What training makes small.
public protocol Objective: Sendable {
  /// What the gradients of a global batch are divided by.
  /// - Parameter tokens: target tokens of the global batch. They are counted and not weighed, because a count is the same
  ///   from whatever ranks it is gathered, and positive where there is a loss.
  func denominator(tokens: Int) -> Double
  /// Each lane's loss, not yet divided by the denominator, which the gradients are.
  func laneLosses(
    _ model: any CaptionModel, _ batch: CaptionBatch, denominator: Double, on tape: Tape
  ) -> [Double]
}
