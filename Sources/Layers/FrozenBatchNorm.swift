import Autograd

/// A batch-norm whose statistics, scale and shift stay as they were loaded; for CLIP's ResNets.
public struct FrozenBatchNorm: Sendable {
  public let scale: Parameter
  public let shift: Parameter
  public let mean: Parameter
  public let variance: Parameter
  public let epsilon: Float

  /// - Parameter name: of the module in `torch.nn.BatchNorm2d`'s state dict.
  public init(_ name: String, channels: Int, epsilon: Float = 1e-5) {
    func buffer(_ part: String, _ initialization: Initialization) -> Parameter {
      Parameter("\(name).\(part)", shape: [channels], initialization, isBuffer: true)
    }
    scale = buffer("weight", .ones)
    shift = buffer("bias", .zeros)
    mean = buffer("running_mean", .zeros)
    variance = buffer("running_var", .ones)
    self.epsilon = epsilon
  }

  public var parameters: [Parameter] { [scale, shift, mean, variance] }

  /// x: [places, channels] → [places, channels]
  public func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
    tape.frozenBatchNorm(
      x, mean: mean, variance: variance, scale: scale, shift: shift, epsilon: epsilon)
  }
}
