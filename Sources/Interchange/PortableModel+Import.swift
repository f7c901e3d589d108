import Datasets
import FileFormats
import Foundation
import Models
import Runs
import Support
import Text
import Training

/// What a file of weights does not say about its model.
public struct ImportOptions: Sendable {
  /// The key of the weights in a training program's file, such as `model_ema`; nil: of the model's own.
  public var weights: String?
  /// The directory with the vocabulary; nil: beside the weights.
  public var tokenizer: String?
  /// What made the embeddings, such as `ViT-B/32`.
  public var encoder: String?
  /// Whether ClipCap trained it with `--normalize_prefix`.
  public var normalizesEmbeddings = false
  /// Whether it has learned to end captions with the end of text, which ClipCap's models have not.
  public var endToken = false
  /// A Hugging Face language model, where the weights are a mapping network's alone.
  public var languageModel: String?
  /// Of the language model; nil: as is written beside the weights, or else those of the published GPT-2 of its width.
  public var heads: Int?
  /// Of a transformer that maps; nil: ClipCap's 8 before a published GPT-2.
  public var mapperHeads: Int?

  public init() {}
}

extension PortableModel {
  /// Reads another program's model: ClipCap's weights, a mapping network's alone, or a Hugging Face language model. What a
  /// safetensors file of Capstan's says of itself need not be said again.
  ///
  /// - Parameter path: a `.pt`, `.bin` or safetensors file, an index of shards, or a directory with one of these.
  /// - Throws: `Failure` when the weights are no whole model's or are not finite, or when something that they do not
  ///   say is missing.
  public init(importing path: String, _ options: ImportOptions) throws {
    let gguf = try GGUFFile.isGGUF(path) ? PretrainedLanguageModel(path) : nil
    let state = try gguf?.stateDict() ?? StateDict(path: path, key: options.weights)
    let told = ModelDescription(metadata: state.metadata)
    let toldSizes = told?.model as? ClipCapConfiguration
    var weights = try ModelWeights(state)
    if let directory = options.languageModel {
      weights = try ModelWeights(weights, with: ModelWeights(PretrainedLanguageModel(directory).stateDict()))
    }
    guard weights.hasLanguageModel else {
      throw Failure.usage(
        "\(path) has a mapping network alone; name the language model that it was trained before with --language-model DIR."
      )
    }
    var sizes = try ClipCapConfiguration(
      of: weights,
      languageModel: gguf?.configuration ?? toldSizes?.languageModel
        ?? Self.configuration(beside: options.languageModel ?? path),
      heads: options.heads, mapperHeads: options.mapperHeads ?? toldSizes?.mapper?.heads)
    let tokenizer = try Self.tokenizer(options, path, for: sizes)
    weights = weights.withTokens(tokenizer.vocabularySize)
    sizes.languageModel.vocabularySize = tokenizer.vocabularySize
    let embeddings =
      sizes.mapper == nil
      ? nil
      : EmbeddingSpec(
        encoder: try Self.encoder(options.encoder ?? told?.embeddings?.encoder, of: sizes, path),
        width: sizes.embeddingWidth, normalized: told?.embeddings?.normalized ?? false)
    try weights.requireFinite()
    try self.init(
      ModelDescription(
        model: sizes, embeddings: embeddings,
        normalizesEmbeddings: options.normalizesEmbeddings || told?.normalizesEmbeddings == true,
        endToken: embeddings == nil || options.endToken || told?.endToken == true,
        tokenizer: tokenizer.fingerprint, step: 0,
        origin: weights.source),
      tokenizer, weights)
  }

  private static func encoder(
    _ encoder: String?, of sizes: ClipCapConfiguration, _ path: String
  ) throws -> String {
    guard let encoder else {
      throw Failure.usage(
        "\(path) maps embeddings of width \(sizes.embeddingWidth) but does not say what made them; name it with "
          + "--encoder NAME, for example ViT-B/32.")
    }
    if let width = EncoderWidths.width(of: encoder), width != sizes.embeddingWidth {
      throw Failure.usage(
        "\(path) maps embeddings of width \(sizes.embeddingWidth), but those of \(encoder) have \(width); name the "
          + "encoder that it was trained with.")
    }
    return encoder
  }

  /// Fewer rows than this may a token table have beyond the tokens of a vocabulary that is not beside it: tables are
  /// rounded up to a multiple of 64 or 128.
  private static let mostSpareRows = 128

  private static func tokenizer(
    _ options: ImportOptions, _ path: String, for sizes: ClipCapConfiguration
  ) throws -> any Tokenizer {
    let directory = options.tokenizer ?? options.languageModel ?? directory(of: path)
    guard TokenizerDirectory.isIn(directory) else {
      throw Failure.usage(
        "\(directory) has neither tokenizer.json nor vocab.json; name the directory of the model's vocabulary with "
          + "--tokenizer DIR.")
    }
    let tokenizer = try TokenizerDirectory.open(directory)
    let spare = sizes.languageModel.vocabularySize - tokenizer.vocabularySize
    guard spare >= 0, options.tokenizer == nil || spare < mostSpareRows else {
      throw Failure.usage(
        "The vocabulary in \(directory) has \(tokenizer.vocabularySize) tokens, but the model's token table has "
          + "\(sizes.languageModel.vocabularySize) rows; name the model's own with --tokenizer DIR.")
    }
    return tokenizer
  }

  private static func configuration(beside path: String) throws -> (any LanguageModelConfiguration)? {
    if try GGUFFile.isGGUF(path) { return try PretrainedLanguageModel(path).configuration }
    let file = directory(of: path) + "/config.json"
    return FileManager.default.fileExists(atPath: file)
      ? try LanguageModelFamilies.configuration(contentsOf: file) : nil
  }

  /// The directory itself, or that of a file; a GGUF file stands for itself.
  private static func directory(of path: String) -> String {
    FileKind(following: path) == .directory || (try? GGUFFile.isGGUF(path)) == true
      ? path : URL(fileURLWithPath: path).deletingLastPathComponent().path
  }
}
