import Autograd

/// A long short-term memory over sequences; for Merge-RNN. The gates' order is that of TensorFlow 1's `BasicLSTMCell`: input,
/// candidate, forget, output; its one kernel is cut into the rows of what comes in and those of the hidden state.
public struct LSTM: Sendable {
  /// [inputs, 4 · width]
  public let kernel: Parameter
  /// [width, 4 · width]
  public let recurrent: Parameter
  /// [4 · width]
  public let bias: Parameter
  /// Added to the sum of the forget gate, so that at first nothing is forgotten (Jozefowicz et al. 2015, section 5).
  public let forgetBias: Float

  /// Starts as TensorFlow does: the kernel as a whole by Glorot's uniform rule, the bias at zero.
  public init(_ name: String, inputs: Int, width: Int, forgetBias: Float = 1) {
    let glorot = Initialization.xavier(inputs: inputs + width, outputs: 4 * width)
    kernel = Parameter(name + ".kernel", shape: [inputs, 4 * width], glorot, isMatmulWeight: true)
    recurrent = Parameter(
      name + ".recurrent_kernel", shape: [width, 4 * width], glorot, isMatmulWeight: true)
    bias = Parameter(name + ".bias", shape: [4 * width], .zeros)
    self.forgetBias = forgetBias
  }

  public var parameters: [Parameter] { [kernel, bias, recurrent] }

  /// x: [rows, inputs] → [rows, width]
  /// - Parameter state: that the sequences continue from, where captions are made; nil: zeros.
  public func callAsFunction(
    _ x: Variable, from state: LSTMState? = nil, on tape: Tape
  ) -> (output: Variable, state: LSTMState) {
    let gates = tape.linear(tape.input(x), weight: kernel, bias: bias, layout: .inputsByOutputs)
    return tape.lstm(gates, recurrent: recurrent, forgetBias: forgetBias, from: state)
  }
}
