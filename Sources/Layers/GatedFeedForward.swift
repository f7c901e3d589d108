import Autograd
import Tensors

/// contract(activation(gate(x)) · expand(x)): with SiLU the SwiGLU of Shazeer 2020, Llama's feed-forward.
public struct GatedFeedForward: Sendable {
  public let gate: Linear
  public let expand: Linear
  public let contract: Linear
  public let activation: Activation

  public init(gate: Linear, _ activation: Activation = .silu, expand: Linear, contract: Linear) {
    self.gate = gate
    self.activation = activation
    self.expand = expand
    self.contract = contract
  }

  public var parameters: [Parameter] { gate.parameters + expand.parameters + contract.parameters }

  /// x: [rows, inputs] → [rows, outputs]
  public func callAsFunction(_ x: LinearInput, on tape: Tape) -> Variable {
    contract(hidden(x, on: tape), on: tape)
  }

  /// residual + dropout(output). x: [rows, inputs], residual: [rows, outputs]
  public func callAsFunction(
    _ x: LinearInput, addedTo residual: Variable, dropout: Float = 0, on tape: Tape
  ) -> Variable {
    contract(hidden(x, on: tape), addedTo: residual, dropout: dropout, on: tape)
  }

  private func hidden(_ x: LinearInput, on tape: Tape) -> LinearInput {
    let opened = tape.activate(gate(x, on: tape), activation)
    return tape.input(tape.multiply(opened, expand(x, on: tape)))
  }
}
