import Autograd
import Captioning
import Datasets
import Models
import Support
import Tensors
import Text

/// A model that has been trained, in memory.
public struct LoadedModel {
  public let source: StoredModel
  public let tokenizer: any Tokenizer
  public let model: any CaptionModel
  private let backend: Backend

  /// - Throws: `Failure` when a file of it is missing, damaged or another model's.
  public init(_ source: StoredModel, on backend: Backend) throws {
    self.source = source
    self.backend = backend
    tokenizer = try source.tokenizer()
    model = source.description.model.makeModel(startToken: tokenizer.endOfText, dropout: 0)
    let arena = ParameterArena(model.parameters, isTrainable: { _ in false }, on: backend)
    try source.weights().load(
      into: model.parameters, advice: "the files do not belong together, so copy or make \(source.path) again"
    )
    arena.pack(on: backend)
  }

  public init(path: String, on backend: Backend) throws {
    try self.init(StoredModel(path), on: backend)
  }

  /// A captioner whose captions end as the model has learned to end them.
  ///
  /// - Parameters:
  ///   - maxTokens: of a caption; nil takes ClipCap's 67, or what the model's positions hold if that is less.
  ///   - stopsAtPeriod: whether a full stop ends a caption in any case.
  /// - Throws: `Failure.usage` for a plain language model, and when `maxTokens` is more than the positions hold.
  public func captioner(
    method: any DecodingMethod, maxTokens: Int? = nil, stopsAtPeriod: Bool = false
  ) throws -> Captioner {
    guard source.description.embeddings != nil else {
      throw Failure.usage(
        "\(source.path) is a plain language model, which cannot see images; caption with a model that has a mapping "
          + "network.")
    }
    let end = try StopCondition(
      for: model, tokenizer, endToken: source.description.endToken, stopsAtPeriod: stopsAtPeriod,
      maxTokens: maxTokens)
    return Captioner(
      model, tokenizer, method: method, until: end,
      normalizesEmbeddings: source.description.normalizesEmbeddings, on: backend)
  }

  /// - Throws: `Failure.badData` when the stores hold other embeddings than the model was trained on.
  public func requireFit(of stores: [EmbeddingStore]) throws {
    for store in stores { try source.description.requireFit(of: store, for: source.path) }
  }
}

extension ModelDescription {
  /// - Parameter path: of the model.
  /// - Throws: `Failure.badData` when a store holds other embeddings than the model was trained on.
  public func requireFit(of store: EmbeddingStore, for path: String) throws {
    let found = EmbeddingSpec(of: store)
    guard let embeddings, !found.fits(embeddings, normalizing: normalizesEmbeddings) else { return }
    throw Failure.badData(
      "\(store.path) has embeddings of \(found), but \(path) was trained on embeddings of \(embeddings); import the "
        + "images' embeddings by the model's encoder in the same way.")
  }
}
