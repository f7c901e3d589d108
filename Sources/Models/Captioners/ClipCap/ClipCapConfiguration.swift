import Autograd

/// The sizes of a captioning model, or of a language model alone: what its weights' names and shapes follow from.
public struct ClipCapConfiguration: ModelConfiguration, Equatable {
  /// Nil: a plain language model.
  public var mapper: MapperConfiguration?
  /// Floats of one image's embedding.
  public var embeddingWidth: Int
  private var storedLanguageModel: AnyLanguageModelConfiguration

  public init(
    mapper: MapperConfiguration?, embeddingWidth: Int, languageModel: any LanguageModelConfiguration
  ) {
    self.mapper = mapper
    self.embeddingWidth = embeddingWidth
    storedLanguageModel = AnyLanguageModelConfiguration(languageModel)
  }

  private enum CodingKeys: String, CodingKey {
    case mapper, embeddingWidth
    case storedLanguageModel = "languageModel"
  }

  public var languageModel: any LanguageModelConfiguration {
    get { storedLanguageModel.base }
    set { storedLanguageModel.base = newValue }
  }
}

/// The kind and the sizes of a mapping network.
public enum MapperConfiguration: Codable, Equatable, Sendable {
  case linear(prefixLength: Int)
  case mlp(prefixLength: Int)
  case transformer(prefixLength: Int, clipLength: Int, layers: Int, heads: Int)

  public var prefixLength: Int {
    switch self {
    case .linear(let length), .mlp(let length), .transformer(let length, _, _, _): length
    }
  }

  /// Nil: it has no attention.
  public var heads: Int? { if case .transformer(_, _, _, let heads) = self { heads } else { nil } }
}

extension ClipCapConfiguration {
  public static let family = "clipcap"

  public var vocabularySize: Int { languageModel.vocabularySize }

  /// The last token is not looked at, so it needs no position.
  public var maxCaptionTokens: Int { languageModel.contextLength - (mapper?.prefixLength ?? 1) + 1 }

  /// No shape tells of a transformer that maps how many heads it has.
  public var facts: [ModelFact] {
    [
      ModelFact(
        "a language model of", languageModel.inWords, advice: "use the model that the run was started with"),
      ModelFact(
        "model.mapper.heads", mapper?.heads.map(String.init) ?? "none",
        advice: "use the mapper that the run was started with"),
    ]
  }

  public func makeModel(startToken: Int32, dropout: Float) -> any CaptionModel {
    ClipCap(self, dropout: dropout, startToken: startToken)
  }

  /// A plain language model is.
  public var isHuggingFaceModel: Bool { mapper == nil }

  public func writeHuggingFaceConfiguration(to path: String, endOfText: Int) throws {
    try languageModel.writeConfigJSON(to: path, endOfText: endOfText)
  }

  public func validate(source: String) throws { try languageModel.validate(source: source) }
}

extension ClipCap {
  /// A model without memory for its parameters, which a ``ParameterArena`` gives them.
  /// - Parameters:
  ///   - dropout: of the language model, on tapes that drop at all.
  ///   - startToken: what a plain language model starts from.
  public convenience init(_ configuration: ClipCapConfiguration, dropout: Float = 0, startToken: Int32) {
    let (inputs, width) = (configuration.embeddingWidth, configuration.languageModel.width)
    let mapper: (any MappingNetwork)? =
      switch configuration.mapper {
      case nil: nil
      case .linear(let length): LinearMapper(embeddingWidth: inputs, prefixLength: length, width: width)
      case .mlp(let length): MLPMapper(embeddingWidth: inputs, prefixLength: length, width: width)
      case .transformer(let length, let clipLength, let layers, let heads):
        TransformerMapper(
          embeddingWidth: inputs, prefixLength: length, clipLength: clipLength, layers: layers, heads: heads,
          width: width)
      }
    let languageModel = configuration.languageModel.makeModel(
      prefix: mapper == nil ? "" : "gpt.", dropout: dropout)
    self.init(mapper: mapper, languageModel: languageModel, startToken: startToken)
  }
}
