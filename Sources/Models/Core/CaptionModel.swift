import Autograd
import Layers
import Tensors

/// A model that writes captions: all that training, validation and decoding know of it.
public protocol CaptionModel: AnyObject, Sendable {
  /// In order of first use as a weight.
  var parameters: [Parameter] { get }
  /// What projects ``outputs(_:on:)`` onto the vocabulary.
  var head: VocabularyProjection { get }
  /// The most tokens of a caption, its end included: what positions leave.
  var maxCaptionTokens: Int { get }
  /// What the head sees at the rows that predict each token of each caption, [all tokens, width].
  func outputs(_ batch: CaptionBatch, on tape: Tape) -> LinearInput
  /// The rows of embedding tables that a pass over a batch looks up: the same tables, in the same order, for every batch.
  func embeddingLookups(_ batch: CaptionBatch) -> [EmbeddingLookup]
  /// Begins the captions of some images, each as a sequence of its own.
  /// - Parameters:
  ///   - images: [images, embedding width].
  ///   - tape: that records nothing; all steps of these captions use it.
  func startDecoding(_ images: Matrix, on tape: Tape) -> any DecodingState
}

extension CaptionModel {
  /// The logits of every token of every caption, [all tokens, vocabulary].
  public func logits(_ batch: CaptionBatch, on tape: Tape) -> Matrix {
    head.logits(outputs(batch, on: tape), on: tape)
  }
}
