import ConfigurationKeys
import Support

public struct LanguageModelSection: ConfigurationSection, Sendable {
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

  static var sizes: [(name: String, key: WritableKeyPath<Self, Int>)] {
    [("layers", \.layers), ("width", \.width), ("heads", \.heads), ("positions", \.positions)]
  }

  /// The same with the sizes of a model.
  func having(_ size: any LanguageModelConfiguration) -> Self {
    var section = self
    (section.layers, section.width, section.heads, section.positions) = (
      size.layers, size.width, size.heads, size.contextLength
    )
    return section
  }

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "directory", \.directory,
        "A Hugging Face directory (GPT-2, Llama, Qwen2 or Qwen3) or a GGUF file to start from, which brings its size; "
          + "null: a GPT-2 with random weights of the size below."
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

extension LanguageModelSection {
  /// The size of the language model: of the directory to start from, or as given. Rows of the directory's token table
  /// that its own vocabulary has no token for are not taken.
  /// - Throws: `Failure` when the vocabulary or the sizes do not fit together.
  func configuration(_ inputs: ModelInputs) throws -> any LanguageModelConfiguration {
    if let directory {
      var size = try PretrainedLanguageModel(directory).configuration
      if size.vocabularySize != inputs.vocabularySize {
        let isPadded = size.vocabularySize > inputs.vocabularySize && inputs.tokenizerDirectory == directory
        guard resizeVocabulary || isPadded else {
          throw Failure.usage(
            "The language model in \(directory) has \(size.vocabularySize) tokens, but the vocabulary in "
              + "\(inputs.tokenizerDirectory) has \(inputs.vocabularySize); use the model's own, or set "
              + "model.language_model.resize_vocabulary to true.")
        }
        size.vocabularySize = inputs.vocabularySize
      }
      return size
    }
    var result = GPT2Configuration(
      vocabularySize: inputs.vocabularySize, positions: positions, width: width, layers: layers, heads: heads)
    if let size, let published = GPT2Configuration.published[size] {
      result = GPT2Configuration(
        vocabularySize: inputs.vocabularySize, width: published.width, layers: published.layers,
        heads: published.heads)
    }
    do { try result.validate(source: "model.language_model") } catch let failure as Failure {
      throw Failure.usage(failure.description)
    }
    return result
  }

  /// - Parameters:
  ///   - found: the size that the language model has.
  ///   - initialModel: what the run starts from.
  /// - Throws: `Failure.usage` where the section gives another one, which a model from a file cannot take.
  func requireSize(_ found: any LanguageModelConfiguration, from initialModel: String?) throws {
    guard let source = initialModel ?? directory ?? size else { return }
    if let size, let published = GPT2Configuration.published[size],
      published != (found.width, found.layers, found.heads)
    {
      throw Failure.usage(
        "model.language_model.size is \(size), but \(source) has \(found.layers) layers of width \(found.width) with "
          + "\(found.heads) heads; set it to null.")
    }
    // A default is no word of the user's.
    let (defaults, brought) = (LanguageModelSection(), having(found))
    for (name, key) in LanguageModelSection.sizes
    where self[keyPath: key] != brought[keyPath: key] && self[keyPath: key] != defaults[keyPath: key] {
      throw Failure.usage(
        "model.language_model.\(name) is \(self[keyPath: key]), but \(source) brings \(brought[keyPath: key]) with it; "
          + "leave it out.")
    }
  }
}
