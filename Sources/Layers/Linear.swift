import Autograd
import Tensors

/// y = x · W + b.
public struct Linear: Sendable {
  public let weight: Parameter
  public let bias: Parameter?
  public let layout: WeightLayout

  /// - Parameters:
  ///   - name: the module's name in the state dict; parameters are `name.weight` and `name.bias`.
  ///   - initialization: of the weight; the default is `torch.nn.Linear`'s for weight and bias.
  public init(
    _ name: String, inputs: Int, outputs: Int, hasBias: Bool = true, layout: WeightLayout = .outputsByInputs,
    initialization: Initialization? = nil, biasInitialization: Initialization? = nil
  ) {
    self.layout = layout
    let standard = Initialization.linear(inputs: inputs)
    let shape = layout == .outputsByInputs ? [outputs, inputs] : [inputs, outputs]
    weight = Parameter(name + ".weight", shape: shape, initialization ?? standard, isMatmulWeight: true)
    bias = hasBias ? Parameter(name + ".bias", shape: [outputs], biasInitialization ?? standard) : nil
  }

  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

  /// x: [rows, inputs] → [rows, outputs]
  public func callAsFunction(_ x: LinearInput, on tape: Tape) -> Variable {
    tape.linear(x, weight: weight, bias: bias, layout: layout)
  }

  /// f(x · W + b), for further linear layers.
  public func callAsFunction(_ x: LinearInput, _ function: Activation, on tape: Tape) -> LinearInput {
    tape.linear(x, weight: weight, bias: bias, layout: layout, function)
  }

  /// residual + dropout(x · W + b). residual: [rows, outputs]
  public func callAsFunction(
    _ x: LinearInput, addedTo residual: Variable, dropout: Float = 0, on tape: Tape
  ) -> Variable {
    tape.linear(
      x, weight: weight, bias: bias, layout: layout, addedTo: residual, dropout: dropout)
  }
}
