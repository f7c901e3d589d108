import Autograd
import Tensors

/// Two linear layers with an activation between them.
public struct FeedForward: Sendable {
  public let expand: Linear
  public let contract: Linear
  public let activation: Activation

  public init(expand: Linear, _ activation: Activation, contract: Linear) {
    self.expand = expand
    self.activation = activation
    self.contract = contract
  }

  public var parameters: [Parameter] { expand.parameters + contract.parameters }

  /// x: [rows, inputs] → [rows, outputs]
  public func callAsFunction(_ x: LinearInput, on tape: Tape) -> Variable {
    contract(expand(x, activation, on: tape), on: tape)
  }

  /// residual + dropout(output). x: [rows, inputs], residual: [rows, outputs]
  public func callAsFunction(
    _ x: LinearInput, addedTo residual: Variable, dropout: Float = 0, on tape: Tape
  ) -> Variable {
    contract(expand(x, activation, on: tape), addedTo: residual, dropout: dropout, on: tape)
  }
}
