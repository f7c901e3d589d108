import Autograd
import Configuration
import Models
import Tensors

/// A forward and backward pass that computes nothing: a model of whatever family, made and run by the code of training on
/// a dry backend, which knows afterwards what memory and arithmetic that takes.
public struct DryPass {
  public let arena: ParameterArena
  /// With activation checkpointing, those of the second forward are among them.
  public let operations = OperationCounter()
  /// Bytes that the model keeps from forward to backward.
  let activations: Int
  /// Bytes that the loss keeps besides.
  let loss: Int
  /// Bytes that the memory pool takes from the system.
  let pool: Int

  /// - Parameters:
  ///   - lengths: tokens of each caption of the batch.
  ///   - lanes: of the batch.
  ///   - embeddingWidth: floats of one image's embedding.
  /// - Throws: `Failure` where there is no dry backend.
  public init(
    _ configuration: Configuration, _ model: any ModelConfiguration, lengths: [Int], lanes: Int,
    embeddingWidth: Int, precision: Precision, threads: Int = 1
  ) throws {
    let starts = (0...lanes).map { $0 * lengths.count / lanes }
    func start(_ operations: OperationCounter) throws -> (
      backend: Backend, batch: CaptionBatch, tape: Tape
    ) {
      let backend = try Backend(dry: precision, threads: threads, counting: operations)
      let images =
        configuration.model.section.seesImages ? backend.matrix(lengths.count, embeddingWidth) : nil
      return (
        backend,
        CaptionBatch(
          embeddings: images, captions: lengths.map { Array(repeating: 0, count: $0) },
          laneSizes: zip(starts, starts.dropFirst()).map { $1 - $0 }, firstSample: 0),
        Tape(
          on: backend, dropout: DropoutKey(seed: 0, step: 0),
          checkpointingActivations: configuration.train.activationCheckpointing)
      )
    }

    let (backend, batch, tape) = try start(operations)
    // Apart from what a pass takes, as in training.
    let built = configuration.buildModel(
      model, startToken: 0, in: MemoryPool(isDry: true), on: backend)
    let forward = try start(OperationCounter())
    let outputs = built.model.outputs(forward.batch, on: forward.tape)
    activations = withExtendedLifetime((outputs, forward)) { forward.backend.memory.bytesInUse }
    let task = CaptioningTask(built.model, configuration.train)
    _ = task.laneLosses(batch, denominator: task.denominator(tokens: batch.countedTokens), on: tape)
    loss = backend.memory.bytesInUse - activations
    tape.backward(covering: built.arena.trainableParameters)
    pool = backend.memory.allocatedBytes
    arena = built.arena
  }
}
