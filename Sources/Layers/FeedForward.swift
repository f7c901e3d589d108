import Autograd

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
  public func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
    contract(tape.activate(expand(x, on: tape), activation), on: tape)
  }
}
