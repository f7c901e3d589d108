import Autograd
import ConfigurationKeys
import FileFormats
import Support

/// ClipCap in a configuration: the language model and the mapping network.
public struct ClipCapSection: ModelFamily {
  public var languageModel = LanguageModelSection()
  public var mapper = MapperSection()

  public init() {}

  public static let name = ClipCapConfiguration.family
  public static let key: String? = nil
  public static let help = "A mapping network before a language model."
  public static let configurationType: any ModelConfiguration.Type = ClipCapConfiguration.self

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("language_model", \.languageModel, "What writes the captions."),
      .init("mapper", \.mapper, "What turns an embedding into a prefix."),
    ]
  }

  public var seesImages: Bool { mapper.kind != .none }
  public var dropout: Double { languageModel.frozen ? 0 : languageModel.dropout }
  public var weightsDirectory: String? { languageModel.directory }

  public func validate(startingFrom initialModel: String?) throws {
    func require(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
      if !condition { throw Failure.usage(sentence()) }
    }
    if let size = languageModel.size, GPT2Configuration.published[size] == nil {
      let names = GPT2Configuration.published.keys.sorted()
      throw Failure.usage(
        "model.language_model.size is “\(size)”, but must be one of \(names.joined(separator: ", ")), or null."
      )
    }
    try require(
      (0..<1).contains(languageModel.dropout),
      "model.language_model.dropout is \(languageModel.dropout), but must be at least 0 and less than 1.")
    try require(
      !(mapper.kind == .none && languageModel.frozen),
      "model.mapper.kind is none and model.language_model.frozen is true, so nothing would be trained; change one."
    )
    try require(
      initialModel == nil || languageModel.directory == nil,
      "Both model.init_from and model.language_model.directory are given; leave one of them out.")
    let sizes = [
      ("language_model.layers", languageModel.layers), ("language_model.width", languageModel.width),
      ("language_model.heads", languageModel.heads), ("language_model.positions", languageModel.positions),
      ("mapper.prefix_length", mapper.prefixLength), ("mapper.clip_length", mapper.clipLength),
      ("mapper.layers", mapper.layers), ("mapper.heads", mapper.heads),
    ]
    for (name, value) in sizes {
      try require(
        (1...65_536).contains(value),
        "model.\(name) is \(value), but must be at least 1 and at most 65536; correct the configuration.")
    }
  }

  public func requirePlausible(startingFrom initialModel: String?) throws {
    guard !languageModel.frozen || languageModel.directory != nil || initialModel != nil else {
      throw Failure.usage(
        "model.language_model.frozen is true, but its weights are random, for neither model.language_model.directory nor "
          + "model.init_from names a trained model; name one, or set frozen to false.")
    }
  }

  public func modelConfiguration(_ inputs: ModelInputs) throws -> any ModelConfiguration {
    let known = (inputs.known as? ClipCapConfiguration)?.languageModel
    return try configuration(
      with: try known ?? languageModel.configuration(inputs), embeddingWidth: inputs.embeddingWidth)
  }

  /// - Throws: `Failure.usage` when mapping network and language model do not fit together.
  public func configuration(
    with language: any LanguageModelConfiguration, embeddingWidth: Int
  ) throws -> ClipCapConfiguration {
    if mapper.kind == .transformer, language.width % mapper.heads != 0 {
      throw Failure.usage(
        "model.mapper.heads is \(mapper.heads), but must divide the language model's width \(language.width); "
          + "change it.")
    }
    guard mapper.kind == .none || mapper.prefixLength < language.contextLength else {
      throw Failure.usage(
        "model.mapper.prefix_length is \(mapper.prefixLength), but the language model has only "
          + "\(language.contextLength) positions for prefix and caption together; make it smaller.")
    }
    return ClipCapConfiguration(
      mapper: mapper.configuration, embeddingWidth: seesImages ? embeddingWidth : 0, languageModel: language)
  }

  public func having(_ model: any ModelConfiguration, from source: String?) throws -> Self {
    guard let model = model as? ClipCapConfiguration else { return self }
    try languageModel.requireSize(model.languageModel, from: source)
    var section = self
    section.languageModel = languageModel.having(model.languageModel)
    return section
  }

  public func requireStart(from model: any ModelConfiguration, path: String) throws {
    guard let model = model as? ClipCapConfiguration else { return }
    guard model.mapper == mapper.configuration else {
      throw Failure.usage(
        "model.init_from \(path) has \(model.mapper.inWords), but model.mapper describes "
          + "\(mapper.configuration.inWords); set \(model.mapper.settings).")
    }
  }

  public func trains(_ parameter: Parameter, of model: any CaptionModel) -> Bool {
    guard languageModel.frozen, let model = model as? ClipCap else { return true }
    return !model.languageModel.parameters.contains { $0 === parameter }
  }

  public func parts(of model: any CaptionModel) -> [ModelPart] {
    guard let model = model as? ClipCap else { return [] }
    let language = ModelPart(
      "language model", model.languageModel.description, from: languageModel.directory,
      model.languageModel.parameters)
    guard let network = model.mapper else { return [language] }
    return [language, ModelPart("mapping network", mapper.configuration.inWords, network.parameters)]
  }

  public func notes(on model: any ModelConfiguration) -> [String] {
    guard let directory = languageModel.directory,
      let rows = try? PretrainedLanguageModel(directory).configuration.vocabularySize,
      rows > model.vocabularySize
    else { return [] }
    return [
      "The token table of \(directory) has \(rows) rows; the last \(rows - model.vocabularySize), which are no token's, "
        + "are left out."
    ]
  }

  public func loadPretrainedWeights(into model: any CaptionModel) throws {
    guard let directory = languageModel.directory, let model = model as? ClipCap else { return }
    // Where they differ, `LanguageModelSection.configuration` has seen that they may.
    let pretrained = try PretrainedLanguageModel(directory)
    try ModelWeights(pretrained.stateDict()).load(
      into: model.languageModel,
      resizingVocabulary: pretrained.configuration.vocabularySize != model.languageModel.tokens.shape[0])
  }
}
