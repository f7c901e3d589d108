import Autograd
import Essentials
import Models
import Tensors
import Text

/// A model with its parameters, as a configuration describes it.
public struct BuiltModel {
  public let model: ClipCap
  public let arena: ParameterArena
}

extension Configuration {
  /// Where the vocabulary is: `data.tokenizer`, or else beside the language model's weights.
  public var tokenizerDirectory: String { data.tokenizer ?? model.languageModel.directory ?? "" }

  /// The size of the language model: of the directory to start from, or as given.
  /// - Throws: `Failure` when the vocabulary or the sizes do not fit together.
  public func languageModelSize(for tokenizer: Tokenizer) throws -> GPT2Configuration {
    let section = model.languageModel
    if let directory = section.directory {
      var size = try GPT2Configuration(contentsOf: directory + "/config.json")
      if size.vocabularySize != tokenizer.vocabularySize {
        guard section.resizeVocabulary else {
          throw Failure.usage(
            "The language model in \(directory) has \(size.vocabularySize) tokens, but the vocabulary in "
              + "\(tokenizerDirectory) has \(tokenizer.vocabularySize); use the model's own, or set "
              + "model.language_model.resize_vocabulary to true.")
        }
        size.vocabularySize = tokenizer.vocabularySize
      }
      return size
    }
    var size = GPT2Configuration(
      vocabularySize: tokenizer.vocabularySize, positions: section.positions, width: section.width,
      layers: section.layers, heads: section.heads)
    if let name = section.size, let published = GPT2Configuration.published[name] {
      size = GPT2Configuration(
        vocabularySize: tokenizer.vocabularySize, width: published.width, layers: published.layers,
        heads: published.heads)
    }
    do { try size.validate(source: "model.language_model") } catch let failure as Failure {
      throw Failure.usage(failure.description)
    }
    return size
  }

  /// Makes the model with uninitialised parameters.
  /// - Parameters:
  ///   - embeddingWidth: floats of one image's embedding.
  ///   - forTraining: whether what the configuration trains gets gradients.
  ///   - memory: where the parameters are; nil: in the backend's pool.
  public func buildModel(
    _ size: GPT2Configuration, embeddingWidth: Int, startToken: Int32, forTraining: Bool = true,
    in memory: (any LineMemory)? = nil, on backend: Backend
  ) throws -> BuiltModel {
    let clipCap = try clipCap(size, embeddingWidth: embeddingWidth, startToken: startToken)
    let arena = ParameterArena(
      clipCap.parameters, isTrainable: { forTraining && isTrained($0, in: clipCap) }, in: memory, on: backend)
    return BuiltModel(model: clipCap, arena: arena)
  }

  /// The model without memory for its parameters.
  func clipCap(_ size: GPT2Configuration, embeddingWidth: Int, startToken: Int32) throws -> ClipCap {
    let section = model.mapper
    if section.kind == .transformer, size.width % section.heads != 0 {
      throw Failure.usage(
        "model.mapper.heads is \(section.heads), but must divide the language model's width \(size.width); change it."
      )
    }
    guard section.kind == .none || section.prefixLength < size.positions else {
      throw Failure.usage(
        "model.mapper.prefix_length is \(section.prefixLength), but the language model has only \(size.positions) "
          + "positions for prefix and caption together; make it smaller.")
    }
    let mapper: (any MappingNetwork)? =
      switch section.kind {
      case .none: nil
      case .mlp:
        MLPMapper(embeddingWidth: embeddingWidth, prefixLength: section.prefixLength, width: size.width)
      case .transformer:
        TransformerMapper(
          embeddingWidth: embeddingWidth, prefixLength: section.prefixLength, clipLength: section.clipLength,
          layers: section.layers, heads: section.heads, width: size.width)
      }
    let languageModel = GPT2(
      size, name: mapper == nil ? "transformer." : "gpt.transformer.",
      dropout: model.languageModel.frozen ? 0 : Float(model.languageModel.dropout))
    return ClipCap(mapper: mapper, languageModel: languageModel, startToken: startToken)
  }

  /// Whether training changes a parameter: those of a frozen language model it does not.
  func isTrained(_ parameter: Parameter, in model: ClipCap) -> Bool {
    !self.model.languageModel.frozen || !model.languageModel.parameters.contains { $0 === parameter }
  }

  /// How captions become tokens for this model.
  public func captionRules(_ size: GPT2Configuration) -> CaptionRules {
    let prefix = model.mapper.kind == .none ? 1 : model.mapper.prefixLength
    return CaptionRules(
      endToken: data.endToken, addPeriod: data.addPeriod, limit: data.captionTokens,
      positionLimit: size.positions - prefix + 1)
  }
}
