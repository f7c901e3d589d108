import Support

/// The sizes of a ``MergeRNN``.
public struct MergeRNNConfiguration: ModelConfiguration {
  public var vocabularySize: Int
  /// Floats of one image's embedding.
  public var embeddingWidth: Int
  /// Of word embeddings, hidden states and the projected image alike.
  public var width: Int

  public init(vocabularySize: Int, embeddingWidth: Int, width: Int) {
    self.vocabularySize = vocabularySize
    self.embeddingWidth = embeddingWidth
    self.width = width
  }

  public static let family = "merge_rnn"

  /// It has no positions to run out of.
  public var maxCaptionTokens: Int { 1 << 16 }

  /// Shapes tell all sizes.
  public var facts: [ModelFact] { [] }

  public func makeModel(startToken: Int32, dropout: Float) -> any CaptionModel {
    MergeRNN(self, startToken: startToken)
  }

  public func validate(source: String) throws {
    guard vocabularySize > 0, embeddingWidth > 0, (1...65_536).contains(width) else {
      throw Failure.badData(
        "\(source) describes a \(Self.family) of width \(width) for \(vocabularySize) tokens and embeddings of width "
          + "\(embeddingWidth), which cannot be; import or export the model again.")
    }
  }
}
