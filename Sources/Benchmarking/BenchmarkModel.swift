import Collectives
import Models
import Tensors
import Training

/// The model that is measured: ClipCap with random weights, made by the code that training makes it by.
public struct BenchmarkModel: Sendable {
  /// Whether a transformer maps to a frozen language model, or a multilayer perceptron to one that is trained too.
  public var isFrozen: Bool
  public var languageModel: GPT2Configuration
  /// Floats of an image's embedding.
  public var embeddingWidth: Int

  public init(
    isFrozen: Bool = false, languageModel: GPT2Configuration = GPT2Configuration(), embeddingWidth: Int = 512
  ) {
    self.isFrozen = isFrozen
    self.languageModel = languageModel
    self.embeddingWidth = embeddingWidth
  }

  /// Prefix 10, and for the transformer 8 layers, 8 heads and clip length 10: the defaults of a configuration.
  public var configuration: Configuration {
    var configuration = Configuration()
    configuration.model.languageModel.frozen = isFrozen
    configuration.model.mapper.kind = isFrozen ? .transformer : .mlp
    return configuration
  }

  /// - Parameter memory: where the parameters are, on all ranks; nil: in the backend's pool.
  func build(
    forTraining: Bool = true, in memory: NodeMemory? = nil, _ communicator: Communicator = .alone,
    on backend: Backend
  ) throws -> BuiltModel {
    try configuration.buildRandomModel(
      languageModel, embeddingWidth: embeddingWidth, forTraining: forTraining, in: memory, communicator,
      on: backend)
  }
}

extension Configuration {
  /// The model with its first values, on all ranks together.
  func buildRandomModel(
    _ languageModel: GPT2Configuration, embeddingWidth: Int, forTraining: Bool = true, in memory: NodeMemory?,
    _ communicator: Communicator, on backend: Backend
  ) throws -> BuiltModel {
    let built = try buildModel(
      languageModel, embeddingWidth: embeddingWidth, startToken: 0, forTraining: forTraining, in: memory,
      on: backend)
    if memory?.isLeader != false {
      built.arena.initialize(seed: 0)
      built.arena.pack(on: backend)
    }
    communicator.barrier()
    return built
  }
}
