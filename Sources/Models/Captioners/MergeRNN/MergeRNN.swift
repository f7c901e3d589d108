import Autograd
import Layers
import Tensors

/// An LSTM that reads words alone and is merged with the image before the vocabulary (Tanti et al. 2018, “merge”).
///
///     v = W_i · x + b_i        h = LSTM(E[words])        logits = [h; v] · W_o + b_o
public final class MergeRNN: CaptionModel {
  /// What a caption starts from; it also ends captions.
  private let edge: Int32
  private let image: Linear
  /// [vocabulary, width]
  private let words: Parameter
  private let lstm: LSTM
  public let head: VocabularyProjection
  public let maxCaptionTokens: Int

  /// All matrices start by Glorot's uniform rule, biases at zero.
  public init(_ configuration: MergeRNNConfiguration, startToken: Int32) {
    edge = startToken
    maxCaptionTokens = configuration.maxCaptionTokens
    let (width, vocabulary) = (configuration.width, configuration.vocabularySize)
    image = Linear(
      "image", inputs: configuration.embeddingWidth, outputs: width,
      initialization: .xavier(inputs: configuration.embeddingWidth, outputs: width),
      biasInitialization: .zeros)
    words = Parameter(
      "embedding.weight", shape: [vocabulary, width], .xavier(inputs: vocabulary, outputs: width))
    lstm = LSTM("lstm", inputs: width, width: width)
    head = VocabularyProjection(
      Parameter(
        "head.weight", shape: [vocabulary, 2 * width], .xavier(inputs: 2 * width, outputs: vocabulary),
        isMatmulWeight: true),
      bias: Parameter("head.bias", shape: [vocabulary], .zeros))
  }

  public var parameters: [Parameter] {
    image.parameters + [words] + lstm.parameters + [head.weight] + (head.bias.map { [$0] } ?? [])
  }

  public func outputs(_ batch: CaptionBatch, on tape: Tape) -> LinearInput {
    let images = batch.images
    let packing = images.with(lengths: batch.captions.map(\.count))
    let read = tape.embedding(reading(batch), of: words, packing: packing)
    let hidden = lstm(read, on: tape).output
    return merged(hidden, project(batch.embeddings, images, on: tape), on: tape)
  }

  public func embeddingLookups(_ batch: CaptionBatch) -> [EmbeddingLookup] {
    [EmbeddingLookup(table: words, ids: reading(batch))]
  }

  public func startDecoding(_ images: Matrix, on tape: Tape) -> any DecodingState {
    MergeRNNDecoding(self, images, on: tape)
  }

  /// The word before each word that is predicted.
  private func reading(_ batch: CaptionBatch) -> [Int32] {
    batch.captions.flatMap { [edge] + $0.dropLast() }
  }

  /// images: [images, embedding width] → [images, width]
  func project(_ images: Matrix?, _ packing: Packing, on tape: Tape) -> Variable {
    guard let images else { preconditionFailure("every caption has an image") }
    return image(tape.input(Variable(images, packing: packing)), on: tape)
  }

  /// One more word of every sequence. tokens: one for each; nil: the edge.
  func step(
    _ tokens: [Int32]?, from state: LSTMState?, _ packing: Packing, on tape: Tape
  ) -> (output: Variable, state: LSTMState) {
    let ids = tokens ?? Array(repeating: edge, count: packing.rows)
    return lstm(tape.embedding(ids, of: words, packing: packing), from: state, on: tape)
  }

  func merged(_ hidden: Variable, _ images: Variable, on tape: Tape) -> LinearInput {
    tape.input(tape.concatenated(hidden, withRowOfSequence: images))
  }
}
