import Autograd
import Models

/// Training by maximum likelihood: the cross-entropy of every target token, weighted by the batch's weights.
public struct CrossEntropy: Objective {
  /// What becomes of the losses of a batch's tokens, as in `torch.nn.CrossEntropyLoss`.
  public enum Reduction: String, CaseIterable, Sendable {
    case mean, sum
  }

  public let reduction: Reduction
  /// How much of every target is spread over the whole vocabulary.
  public let labelSmoothing: Double

  public init(reduction: Reduction = .mean, labelSmoothing: Double = 0) {
    self.reduction = reduction
    self.labelSmoothing = labelSmoothing
  }

  /// For the mean, the target tokens.
  public func denominator(tokens: Int) -> Double { reduction == .mean ? Double(max(1, tokens)) : 1 }

  /// Each lane's sum of weight · −log p(token).
  public func laneLosses(
    _ model: any CaptionModel, _ batch: CaptionBatch, denominator: Double, on tape: Tape
  ) -> [Double] {
    let targets = Targets(
      ids: batch.captions.flatMap { $0 },
      weights: batch.weights?.flatMap { $0 } ?? batch.captions.flatMap { $0.map { _ in 1 } },
      lossDenominator: denominator, smoothing: Float(labelSmoothing))
    return model.head.crossEntropy(model.outputs(batch, on: tape), targets, on: tape)
  }
}
