import Autograd
import Tensors

/// What makes logits of hidden states: a matrix with a row for each token, often the table of token embeddings itself
/// (Press and Wolf 2017), and a bias or none.
public struct VocabularyProjection: Sendable {
  /// [vocabulary, width]
  public let weight: Parameter
  /// [vocabulary]
  public let bias: Parameter?

  public init(_ weight: Parameter, bias: Parameter? = nil) {
    self.weight = weight
    self.bias = bias
  }

  /// [rows, vocabulary]
  public func logits(_ x: LinearInput, on tape: Tape) -> Matrix {
    tape.logits(x, table: weight, bias: bias)
  }

  /// See ``Tape/topLogits(_:table:bias:count:temperature:)``.
  public func topLogits(
    _ x: LinearInput, count: Int, temperature: Double = 1, on tape: Tape
  ) -> [TopLogits] {
    tape.topLogits(x, table: weight, bias: bias, count: count, temperature: temperature)
  }

  /// See ``Tape/fusedLinearCrossEntropy(_:table:bias:targets:)``.
  public func crossEntropy(_ x: LinearInput, _ targets: Targets, on tape: Tape) -> [Double] {
    tape.fusedLinearCrossEntropy(x, table: weight, bias: bias, targets: targets)
  }
}
