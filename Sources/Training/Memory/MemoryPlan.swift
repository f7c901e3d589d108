import Collectives
import Configuration
import Models
import Tensors

/// A run as far as its memory depends on it: a configuration, the sizes that it takes from files, and the captions of
/// a batch.
public struct MemoryPlan {
  public var configuration: Configuration
  public var model: any ModelConfiguration
  public var embeddingWidth: Int
  /// Tokens of each caption of a batch, over all ranks.
  public var lengths: [Int]

  public init(
    _ configuration: Configuration, _ model: any ModelConfiguration, embeddingWidth: Int, lengths: [Int]
  ) {
    self.configuration = configuration
    self.model = model
    self.embeddingWidth = embeddingWidth
    self.lengths = lengths
  }

  /// Reads the vocabulary, the size of the language model and the training captions.
  /// - Parameter longest: whether the batch has the longest of the captions instead of all kinds of them.
  /// - Throws: `Failure` when training would.
  public init(
    _ configuration: Configuration, longest: Bool, communicator: Communicator, on backend: Backend
  ) throws {
    let data = try TrainingData(configuration, communicator: communicator, on: backend)
    let sorted = try communicator.agree { try data.corpus.lengths().sorted() }
    let count = configuration.train.batchSize
    let lengths =
      longest
      ? Array(sorted.suffix(count)) : (0..<count).map { sorted[(2 * $0 + 1) * sorted.count / (2 * count)] }
    var random = Philox(seed: 0, stream: "memory", "captions")
    self.init(
      configuration, data.model, embeddingWidth: data.corpus.embeddingWidth,
      lengths: lengths.shuffled(using: &random))
  }

  /// The memory of a rank.
  public func memory(
    precision: Precision, ranks: Int, ranksPerNode: Int, threads: Int
  ) throws -> MemoryEstimate {
    // Of the microbatches that ranks work through, about as long as each other, one that is not the shortest.
    let microbatches = min(lengths.count, ranks * configuration.train.accumulationSteps)
    return try MemoryEstimate(
      configuration, model,
      lengths: stride(from: microbatches - 1, to: lengths.count, by: microbatches).map { lengths[$0] },
      embeddingWidth: embeddingWidth, precision: precision, ranks: ranks, ranksPerNode: ranksPerNode,
      threads: threads)
  }
}
