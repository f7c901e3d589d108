import Autograd
import Configuration
import Models
import Tensors

/// The memory of one rank in training, predicted from the shapes of model and batch. All figures are bytes; what the
/// ranks of a node share is counted in equal parts.
public struct MemoryEstimate: Codable, Equatable, Sendable {
  /// Values of all parameters.
  public let weights: Int
  /// In bfloat16, two packed forms of every matrix that enters products.
  public let packedWeights: Int
  /// One for every trained value, and the partial sums of `train.accumulation_steps`.
  public let gradients: Int
  /// AdamW's two for every trained value, of which a rank keeps those that it updates (ZeRO stage 1).
  public let moments: Int
  /// What blocks and mapping network keep from forward to backward.
  public let activations: Int
  /// The logits over the vocabulary, and their rows' normalised inputs.
  public let logits: Int
  /// What operations work in besides, gradients of activations before all.
  public let working: Int
  /// The copies of weights and moments from which rank 0 writes a checkpoint.
  public let checkpoint: Int

  /// What a forward and backward pass takes from the memory pool. The logits of a pass are gone when its blocks are worked
  /// on, and the pool lets these have their memory.
  public var pass: Int { activations + max(logits, working) }

  /// The most that a step needs besides the program itself, which takes some 30 MB.
  public var step: Int { weights + packedWeights + gradients + moments + pass }

  /// The most that the run needs on rank 0.
  public var run: Int { step + checkpoint }

  /// - Parameters:
  ///   - batch: of one microbatch on one rank.
  ///   - ranks: of the whole job.
  ///   - ranksPerNode: that share memory.
  /// - Throws: `Failure.usage` for a model that cannot be.
  public init(
    _ configuration: Configuration, _ size: any ModelConfiguration, batch: BatchShape,
    precision: Precision, ranks: Int = 1, ranksPerNode: Int = 1, threads: Int = 1
  ) throws {
    let float = MemoryLayout<Float>.stride
    let model = configuration.makeModel(size, startToken: 0)
    guard let size = size as? ClipCapConfiguration else {
      (activations, logits, working) = (0, 0, 0)
      (weights, packedWeights, gradients, moments, checkpoint) = (0, 0, 0, 0, 0)
      return
    }
    let (languageModel, embeddingWidth) = (size.languageModel, size.embeddingWidth)
    let trained = model.parameters.reduce(0) {
      $0 + (configuration.isTrained($1, in: model) ? $1.count : 0)
    }
    weights = float * model.parameters.reduce(0) { $0 + $1.count } / ranksPerNode
    packedWeights =
      precision == .float32
      ? 0
      : float / ranksPerNode
        * model.parameters.filter { $0.isMatmulWeight }.reduce(0) {
          $0 + PackedWeight.count(rows: $1.rows, columns: $1.columns)
        }
    // Sums of microbatches wait in the tree, one for each of its levels.
    let waiting = configuration.train.accumulationSteps.trailingZeroBitCount
    gradients = float * trained * (1 + waiting)
    moments = float * 2 * trained / ranks
    checkpoint = float * 3 * trained

    let shape = PassShape(
      configuration, languageModel, embeddingWidth: embeddingWidth, batch: batch, precision: precision)
    activations = float * shape.kept(checkpointing: configuration.train.activationCheckpointing)
    logits = float * shape.logits
    working =
      float
      * (shape.working(checkpointing: configuration.train.activationCheckpointing)
        // The tiles of a lane sum: those that wait, the one that is filled, and the total.
        + threads * 5 * 256 * min(256, languageModel.width))
  }
}

/// Floats that a forward and backward pass needs.
private struct PassShape {
  let batch: BatchShape
  let width: Int
  let isFrozen: Bool
  let languageModel: GPT2Configuration
  let mapper: MapperSection
  let embeddingWidth: Int
  /// Rows that enter the language model.
  let rows: Int
  let squaredRows: Int
  /// Rows of a transformer mapper's blocks.
  let mapperRows: Int
  let precision: Precision

  init(
    _ configuration: Configuration, _ languageModel: GPT2Configuration, embeddingWidth: Int,
    batch: BatchShape, precision: Precision
  ) {
    self.batch = batch
    self.precision = precision
    self.languageModel = languageModel
    self.embeddingWidth = embeddingWidth
    width = languageModel.width
    isFrozen = configuration.model.clipCap.languageModel.frozen
    mapper = configuration.model.clipCap.mapper
    let prefix = mapper.kind == .none ? 1 : mapper.prefixLength
    rows = batch.rows(prefix: prefix)
    squaredRows = batch.squaredRows(prefix: prefix)
    mapperRows = mapper.kind == .transformer ? batch.captions * (mapper.clipLength + mapper.prefixLength) : 0
  }

  /// Floats for as many inputs of products, which are kept in the precision of these.
  private func factors(_ count: Int) -> Int { precision == .bfloat16 ? (count + 1) / 2 : count }

  /// What one block of GPT-2 keeps: its input (1 width), queries, keys and values (3), the second normalisation's
  /// input (1), attention's weights and the normalisations' statistics; and in the precision of products GELU's input
  /// (4), and where its weights are trained also their inputs: both normalised (2), attended (1), GELU's output (4).
  private var block: Int {
    rows * width * 5 + factors(rows * width * (isFrozen ? 4 : 11)) + languageModel.heads * squaredRows + 4
      * rows
  }

  /// What one block of the transformer mapper keeps: input (1), queries (1), keys and values (2), the second
  /// normalisation's input (1); and in the precision of products both normalised (2), attended (1), ReLU's output (2).
  private var mapperBlock: Int {
    mapperRows * 5 * width + factors(mapperRows * 5 * width) + mapperRows * 4
      + mapper.heads * mapperRows * (mapper.clipLength + mapper.prefixLength)
  }

  func kept(checkpointing: Bool) -> Int {
    let mapped =
      switch mapper.kind {
      case .none: 0
      case .linear: batch.captions * embeddingWidth
      // Embeddings, and tanh's output.
      case .mlp: batch.captions * (embeddingWidth + width * mapper.prefixLength / 2)
      case .transformer:
        batch.captions * embeddingWidth + mapper.layers * (checkpointing ? mapperRows * width : mapperBlock)
      }
    return mapped + languageModel.layers * (checkpointing ? rows * width : block)
  }

  /// Selected and normalised rows, their gradient, and the logits in chunks of 1024: all of them up to 128 MiB, or
  /// else as many.
  var logits: Int {
    let chunks = (languageModel.vocabularySize + 1023) / 1024
    let kept = min(chunks * 1024 * batch.tokens, 128 << 18)
    return 3 * batch.tokens * width + kept + 2 * chunks * batch.tokens
  }

  /// Besides what is kept, backward through a block's second linear layer holds the gradients of GELU's input (4 widths)
  /// and of the residual (1), and places that nothing fits into are about 2. In bfloat16 the first is half of that, and
  /// both factors of the weight's gradient are packed (3). With checkpointing a block's activations are there for a while.
  func working(checkpointing: Bool) -> Int {
    let widths = 7
    let again = checkpointing ? max(block, mapperBlock) : 0
    return widths * max(rows, mapperRows) * width + again
  }
}
