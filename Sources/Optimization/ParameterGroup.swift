import Autograd

/// How parameters are updated that are treated alike: an entry of PyTorch's `param_groups`.
public struct ParameterGroup: Sendable, Equatable {
  /// What the learning rate is multiplied by.
  public var rateFactor: Double
  /// Of a step, times its learning rate.
  public var weightDecay: Double

  public init(rateFactor: Double = 1, weightDecay: Double) {
    self.rateFactor = rateFactor
    self.weightDecay = weightDecay
  }
}
