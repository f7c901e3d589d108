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
    let opened = tape.activate(gate(x, on: tape), activation)
    return contract(tape.input(tape.multiply(opened, expand(x, on: tape))), on: tape)
  }
}
