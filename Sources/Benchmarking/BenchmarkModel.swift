import Collectives
import Configuration
import Models
import Tensors
import Training

/// The model that is measured: ClipCap with random weights, made by the code that training makes it by.
public struct BenchmarkModel: Sendable {
  public enum Kind: Sendable {
    /// A multilayer perceptron maps to a language model, and both are trained.
    case finetuned
    /// A transformer maps to a language model that is not trained.
    case frozen
    /// A language model alone, which sees no image.
    case languageModel
  }

  public var kind: Kind
  public var languageModel: any LanguageModelConfiguration
  /// Floats of an image's embedding.
  public var embeddingWidth: Int

  public init(
    _ kind: Kind = .finetuned, languageModel: any LanguageModelConfiguration = GPT2Configuration(),
    embeddingWidth: Int = 512
  ) {
    self.kind = kind
    self.languageModel = languageModel
    self.embeddingWidth = embeddingWidth
  }

  /// Prefix 10, and for the transformer 8 layers, 8 heads and clip length 10: the defaults of a configuration.
  public var configuration: Configuration {
    var configuration = Configuration()
    configuration.model.clipCap.languageModel.frozen = kind == .frozen
    configuration.model.clipCap.mapper.kind =
      switch kind {
      case .finetuned: .mlp
      case .frozen: .transformer
      case .languageModel: .none
      }
    return configuration
  }

  var modelConfiguration: ClipCapConfiguration {
    get throws {
      try configuration.model.clipCap.configuration(with: languageModel, embeddingWidth: embeddingWidth)
    }
  }

  /// What stands before a caption; a language model alone starts from its start token.
  var prefixLength: Int { kind == .languageModel ? 1 : configuration.model.clipCap.mapper.prefixLength }

  /// - Parameter memory: where the parameters are, on all ranks; nil: in the backend's pool.
  func build(
    forTraining: Bool = true, in memory: SharedNodeMemory? = nil, _ communicator: Communicator = .alone,
    on backend: Backend
  ) throws -> ModelWithArena {
    try configuration.buildRandomModel(
      modelConfiguration, forTraining: forTraining, in: memory, communicator,
      on: backend)
  }
}

extension Configuration {
  /// The model with its first values, on all ranks together.
  func buildRandomModel(
    _ model: any ModelConfiguration, forTraining: Bool = true, in memory: SharedNodeMemory?,
    _ communicator: Communicator, on backend: Backend
  ) -> ModelWithArena {
    let built = buildModel(model, startToken: 0, forTraining: forTraining, in: memory, on: backend)
    if memory?.isLeader != false {
      built.arena.initialize(seed: 0)
      built.arena.pack(on: backend)
    }
    communicator.barrier()
    return built
  }
}
