import Autograd
import Layers
import Tensors

/// A language model that goes on from a prefix which a mapping network makes of an image's embedding (ClipCap:
/// Mokady et al. 2021). Without a mapping network it is a plain language model that goes on from its start token.
public final class ClipCap: CaptionModel {
  public let mapper: (any MappingNetwork)?
  public let languageModel: any LanguageModel
  /// What a plain language model starts from: the end-of-text token.
  public let startToken: Int32

  public init(mapper: (any MappingNetwork)?, languageModel: any LanguageModel, startToken: Int32) {
    self.mapper = mapper
    self.languageModel = languageModel
    self.startToken = startToken
  }

  /// In order of first use as a weight.
  public var parameters: [Parameter] { (mapper?.parameters ?? []) + languageModel.parameters }

  public var head: VocabularyProjection { languageModel.head }

  /// Rows that come before the first caption token.
  public var prefixLength: Int { mapper?.prefixLength ?? 1 }

  /// The last token is not looked at, so it needs no position.
  public var maxCaptionTokens: Int { languageModel.contextLength - prefixLength + 1 }

  public func embeddingLookups(_ batch: CaptionBatch) -> [EmbeddingLookup] {
    [EmbeddingLookup(table: languageModel.tokens, ids: batch.captions.flatMap { $0 } + [startToken])]
  }

  public func startDecoding(_ images: Matrix, on tape: Tape) -> any DecodingState {
    ClipCapDecoding(self, images, on: tape)
  }

  /// What the head sees, at the rows that predict a token: the last prefix row predicts the first token. The last
  /// token predicts nothing, so it does not enter.
  public func outputs(_ batch: CaptionBatch, on tape: Tape) -> LinearInput {
    let images = batch.images
    let lengths = batch.captions.map { prefixLength + $0.count - 1 }
    let packing = images.with(lengths: lengths)
    let prefix = mapPrefix(batch.embeddings, packing: images, on: tape)
    var sources: [InputRow] = []
    sources.reserveCapacity(packing.rows)
    for (index, caption) in batch.captions.enumerated() {
      sources += prefixRows(ofImage: index)
      sources += caption.dropLast().map { .token($0) }
    }
    let hidden = languageModel.hidden(
      sources, positions: lengths.flatMap { 0..<$0 }, prefix: prefix, packing: packing, cache: nil, on: tape)
    let predicting = batch.captions.indices.flatMap {
      packing.rows(ofSequence: $0).suffix(batch.captions[$0].count)
    }
    let selected = tape.gatherRows(
      hidden, predicting, packing: images.with(lengths: batch.captions.map(\.count)))
    return languageModel.normalized(selected, on: tape)
  }

  /// The prefix of every image, [images · prefixLength, width]; nil without a mapping network.
  func mapPrefix(_ embeddings: Matrix?, packing: Packing, on tape: Tape) -> Variable? {
    guard let mapper, let embeddings else { return nil }
    return mapper(Variable(embeddings, packing: packing), on: tape)
  }

  /// Where the rows before the first caption token come from.
  func prefixRows(ofImage index: Int) -> [InputRow] {
    mapper == nil ? [.token(startToken)] : (0..<prefixLength).map { .prefix(index * prefixLength + $0) }
  }
}
