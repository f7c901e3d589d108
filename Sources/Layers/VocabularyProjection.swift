import Autograd

/// What makes logits of hidden states: a matrix with a row for each token, often the table of token embeddings itself
/// (Press and Wolf 2017).
public struct VocabularyProjection: Sendable {
  /// [vocabulary, width]
  public let weight: Parameter

  public init(_ weight: Parameter) { self.weight = weight }
}
