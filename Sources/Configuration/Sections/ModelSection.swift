import ConfigurationKeys
import Models

public struct ModelSection: ConfigurationSection {
  public var initialModel: String?
  public var languageModel = LanguageModelSection()
  public var mapper = MapperSection()
  public var normalizeEmbeddings = false

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "init_from", formerly: "start_from", \.initialModel,
        "A model to start from with all its weights: a run, a checkpoint, or a directory that `capstan checkpoint import` "
          + "made; null: the language model below, and a random mapping network."),
      .init("language_model", \.languageModel, "The GPT-2 that writes the captions."),
      .init("mapper", \.mapper, "What turns an embedding into a prefix."),
      .init(
        "normalize_embeddings", \.normalizeEmbeddings,
        "Whether each embedding is divided by its length first."),
    ]
  }
}

public struct LanguageModelSection: ConfigurationSection {
  public var directory: String?
  public var size: String?
  public var layers = 12
  public var width = 768
  public var heads = 12
  public var positions = 1024
  public var frozen = false
  public var dropout = 0.1
  public var resizeVocabulary = false

  public init() {}

  public static var sizes: [(name: String, key: WritableKeyPath<Self, Int>)] {
    [("layers", \.layers), ("width", \.width), ("heads", \.heads), ("positions", \.positions)]
  }

  /// The same with the sizes of a model.
  public func having(_ size: GPT2Configuration) -> Self {
    var section = self
    (section.layers, section.width, section.heads, section.positions) = (
      size.layers, size.width, size.heads, size.positions
    )
    return section
  }

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "directory", \.directory,
        "A Hugging Face GPT-2 (config.json and weights) to start from, which brings its size; null: random weights of the size "
          + "below."
      ),
      .init(
        "size", \.size,
        "gpt2, gpt2-medium, gpt2-large or gpt2-xl, in place of the four numbers below; null: those."),
      .init("layers", \.layers, "Transformer blocks."),
      .init("width", \.width, "Width of the hidden states."),
      .init("heads", \.heads, "Attention heads."),
      .init("positions", \.positions, "Context length: the longest sequence, prefix included."),
      .init("frozen", \.frozen, "Whether only the mapping network is trained."),
      .init("dropout", \.dropout, "Dropout of embeddings, attention and residuals; none when frozen."),
      .init(
        "resize_vocabulary", \.resizeVocabulary,
        "Whether the directory's token table may be cut or extended to the tokenizer's size."),
    ]
  }
}

public enum MapperKind: String, ConfigurationChoice {
  case linear, mlp, transformer
  /// No mapping network and no images: a plain language model on the captions.
  case none
}

public struct MapperSection: ConfigurationSection {
  public var kind = MapperKind.mlp
  public var prefixLength = 10
  public var clipLength = 10
  public var layers = 8
  public var heads = 8

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "kind", \.kind,
        "mlp, transformer, linear as in ClipCap's predict.py for long prefixes, or none for a plain language model on the "
          + "captions."
      ),
      .init("prefix_length", \.prefixLength, "Rows of the prefix."),
      .init("clip_length", \.clipLength, "Transformer: rows that the embedding is turned into."),
      .init("layers", \.layers, "Transformer: blocks."),
      .init("heads", \.heads, "Transformer: attention heads."),
    ]
  }
}
