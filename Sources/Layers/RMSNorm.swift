import Autograd

/// Normalisation by the root of the mean square, with a learned scale (Zhang and Sennrich 2019): Llama's norm.
public struct RMSNorm: Sendable {
  public let scale: Parameter
  public let epsilon: Float

  public init(_ name: String, width: Int, epsilon: Float = 1e-5) {
    scale = Parameter(name + ".weight", shape: [width], .ones)
    self.epsilon = epsilon
  }

  public var parameters: [Parameter] { [scale] }

  /// x: [rows, width] → [rows, width]
  public func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
    tape.rmsNorm(x, scale: scale, epsilon: epsilon)
  }
}
