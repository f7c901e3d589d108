import Autograd
import Configuration
import Models
import Tensors

/// The memory of one rank in training, predicted by a ``DryPass``. All figures are bytes; what the ranks of a node share is
/// counted in equal parts.
public struct MemoryEstimate: Codable, Equatable, Sendable {
  /// Values of all parameters.
  public let weights: Int
  /// In bfloat16, two packed forms of every matrix that enters products.
  public let packedWeights: Int
  /// One for every trained value, and the partial sums of `train.accumulation_steps`.
  public let gradients: Int
  /// AdamW's two for every trained value, of which a rank keeps those that it updates (ZeRO stage 1).
  public let moments: Int
  /// What the model keeps from forward to backward.
  public let activations: Int
  /// What the loss keeps besides, the logits over the vocabulary before all.
  public let logits: Int
  /// The most that operations work in beside both, gradients of activations before all, and places that nothing fits
  /// into.
  public let working: Int
  /// The copies of weights and moments from which rank 0 writes a checkpoint.
  public let checkpoint: Int

  /// What a forward and backward pass takes from the memory pool.
  public var pass: Int { activations + logits + working }

  /// The most that a step needs besides the program itself, which takes some 30 MB.
  public var step: Int { weights + packedWeights + gradients + moments + pass }

  /// The most that the run needs on rank 0.
  public var run: Int { step + checkpoint }

  /// - Parameters:
  ///   - lengths: tokens of each caption of one microbatch on one rank.
  ///   - embeddingWidth: floats of one image's embedding.
  ///   - ranks: of the whole job.
  ///   - ranksPerNode: that share memory.
  /// - Throws: `Failure` where the model cannot be run.
  public init(
    _ configuration: Configuration, _ model: any ModelConfiguration, lengths: [Int], embeddingWidth: Int,
    precision: Precision, ranks: Int = 1, ranksPerNode: Int = 1, threads: Int = 1
  ) throws {
    let microbatches = configuration.train.accumulationSteps
    let pass = try DryPass(
      configuration, model, lengths: lengths,
      lanes: max(1, configuration.train.lanes / (ranks * microbatches)),
      embeddingWidth: embeddingWidth, precision: precision, threads: threads)
    let (arena, float) = (pass.arena, MemoryLayout<Float>.stride)
    weights = float * arena.values.count / ranksPerNode
    packedWeights = float * arena.packedValues.count / ranksPerNode
    // Sums of microbatches wait in the tree, one for each of its levels.
    gradients = float * arena.trainableCount * (1 + microbatches.trailingZeroBitCount)
    moments = float * 2 * arena.trainableCount / ranks
    checkpoint = float * 3 * arena.trainableCount
    (activations, logits) = (pass.activations, pass.loss)
    working = pass.pool - pass.activations - pass.loss
  }
}
