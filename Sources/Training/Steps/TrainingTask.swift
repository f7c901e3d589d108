import Autograd

/// What a step of training is about: the losses of batches, whatever these hold.
public protocol TrainingTask: Sendable {
  associatedtype Batch
  /// The rows of embedding tables that a pass over a batch looks up: the same tables, in the same order, for every batch.
  func embeddingLookups(_ batch: Batch) -> [EmbeddingLookup]
  /// What the gradients of a global batch with so many target tokens are divided by.
  func denominator(tokens: Int) -> Double
  /// Each lane's loss, not yet divided by the denominator, which the gradients are.
  func laneLosses(_ batch: Batch, denominator: Double, on tape: Tape) -> [Double]
}
