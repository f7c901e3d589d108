import Autograd
import Models

/// Training by maximum likelihood: the cross-entropy of every target token, weighted by the batch's weights.
public struct CrossEntropy: Sendable {
  /// What becomes of the losses of a batch's tokens, as in `torch.nn.CrossEntropyLoss`.
  public enum Reduction: String, CaseIterable, Sendable {
    case mean, sum
  }

  public let reduction: Reduction

  public init(reduction: Reduction = .mean) { self.reduction = reduction }

  /// What the gradients of a global batch are divided by: for the mean, its target tokens. They are counted and not
  /// weighed, because a count is the same from whatever ranks it is gathered, and positive where there is a loss.
  public func denominator(tokens: Int) -> Double { reduction == .mean ? Double(max(1, tokens)) : 1 }

  /// Each lane's sum of weight · −log p(token), not yet divided by the denominator, which the gradients are.
  public func laneLosses(
    _ model: any CaptionModel, _ batch: CaptionBatch, denominator: Double, on tape: Tape
  ) -> [Double] {
    let targets = Targets(
      ids: batch.captions.flatMap { $0 },
      weights: batch.weights?.flatMap { $0 } ?? batch.captions.flatMap { $0.map { _ in 1 } },
      lossDenominator: denominator)
    return model.head.crossEntropy(model.outputs(batch, on: tape), targets, on: tape)
  }
}
