import Autograd
import Batching
import Configuration
import Models
import Support
import Tensors
import Text

/// A model with its parameters, as a configuration describes it.
public struct ModelWithArena {
  public let model: ClipCap
  public let arena: ParameterArena
}

extension Configuration {
  /// The size of the language model: of the directory to start from, or as given. Rows of the directory's token table
  /// that its own vocabulary has no token for are not taken.
  /// - Throws: `Failure` when the vocabulary or the sizes do not fit together.
  public func languageModelSize(for tokenizer: Tokenizer) throws -> GPT2Configuration {
    let section = model.languageModel
    if let directory = section.directory {
      var size = try GPT2Configuration(contentsOf: directory + "/config.json")
      if size.vocabularySize != tokenizer.vocabularySize {
        let isPadded =
          size.vocabularySize > tokenizer.vocabularySize && data.tokenizer ?? directory == directory
        guard section.resizeVocabulary || isPadded else {
          throw Failure.usage(
            "The language model in \(directory) has \(size.vocabularySize) tokens, but the vocabulary in "
              + "\(data.tokenizer ?? directory) has \(tokenizer.vocabularySize); use the model's own, or set "
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
    in memory: (any FlatBufferAllocator)? = nil, on backend: Backend
  ) throws -> ModelWithArena {
    let clipCap = try clipCap(size, embeddingWidth: embeddingWidth, startToken: startToken)
    let arena = ParameterArena(
      clipCap.parameters, isTrainable: { forTraining && isTrained($0, in: clipCap) }, in: memory, on: backend)
    return ModelWithArena(model: clipCap, arena: arena)
  }

  /// The model without memory for its parameters.
  func clipCap(_ size: GPT2Configuration, embeddingWidth: Int, startToken: Int32) throws -> ClipCap {
    ClipCap(
      try modelConfiguration(size, embeddingWidth: embeddingWidth),
      dropout: model.languageModel.frozen ? 0 : Float(model.languageModel.dropout), startToken: startToken)
  }

  /// How captions become tokens for this model.
  public func captionRules(_ size: GPT2Configuration) -> CaptionRules {
    let prefix = model.mapper.kind == .none ? 1 : model.mapper.prefixLength
    return CaptionRules(
      endToken: data.endToken, addPeriod: data.addPeriod, limit: data.captionTokens,
      positionLimit: size.positions - prefix + 1)
  }
}
