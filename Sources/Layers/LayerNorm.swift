import Autograd

/// Layer normalisation with a learned scale and shift (Ba et al. 2016).
public struct LayerNorm: Sendable {
  public let scale: Parameter
  public let shift: Parameter
  public let epsilon: Float
  public let deviation: NormDeviation

  public init(
    _ name: String, width: Int, epsilon: Float = 1e-5, deviation: NormDeviation = .population
  ) {
    scale = Parameter(name + ".weight", shape: [width], .ones)
    shift = Parameter(name + ".bias", shape: [width], .zeros)
    self.epsilon = epsilon
    self.deviation = deviation
  }

  public var parameters: [Parameter] { [scale, shift] }

  /// x: [rows, width] → [rows, width], for linear layers
  public func callAsFunction(_ x: Variable, on tape: Tape) -> LinearInput {
    tape.layerNorm(x, scale: scale, shift: shift, epsilon: epsilon, deviation: deviation)
  }
}
