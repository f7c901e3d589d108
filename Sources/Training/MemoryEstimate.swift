import Autograd
import Models
import Tensors

/// The memory of one rank in training, predicted from the shapes of model and batch. All figures are bytes; what the
/// ranks of a node share is counted in equal parts.
public struct MemoryEstimate: Codable, Equatable, Sendable {
  /// Values of all parameters.
  public let weights: Int
  /// In bfloat16, two packed forms of every matrix that enters products.
  public let packedWeights: Int
  /// One for every trained value, and the partial sums of `train.accumulate`.
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

  /// What a forward and backward pass takes from the memory pool.
  ///
  /// The pool keeps freed blocks, so the logits of a pass and the work of its blocks stand side by side, though never
  /// at the same time; but it keeps no more than an eighth beyond the most that is in use.
  public var pass: Int {
    let most = activations + max(logits, working)
    return min(most + most / 8, activations + logits + working)
  }

  /// The most that a step needs besides the program itself, which takes some 30 MB.
  public var step: Int { weights + packedWeights + gradients + moments + pass }

  /// The most that the run needs on rank 0.
  public var run: Int { step + checkpoint }

  /// - Parameters:
  ///   - batch: of one portion on one rank.
  ///   - ranks: of the whole job.
  ///   - ranksPerNode: that share memory.
  /// - Throws: `Failure.usage` for a model that cannot be.
  public init(
    _ configuration: Configuration, _ languageModel: GPT2Configuration, embeddingWidth: Int,
    batch: BatchShape,
    precision: Precision, ranks: Int = 1, ranksPerNode: Int = 1, threads: Int = 1
  ) throws {
    let float = MemoryLayout<Float>.stride
    let model = try configuration.clipCap(languageModel, embeddingWidth: embeddingWidth, startToken: 0)
    let trained = model.parameters.reduce(0) {
      $0 + (configuration.isTrained($1, in: model) ? $1.count : 0)
    }
    weights = float * model.parameters.reduce(0) { $0 + $1.count } / ranksPerNode
    packedWeights =
      precision == .float32
      ? 0
      : float / ranksPerNode
        * model.parameters.filter { $0.isFactor }.reduce(0) {
          $0 + PackedWeight.count(rows: $1.rows, columns: $1.columns)
        }
    // Sums of portions wait in the tree, one for each of its levels.
    let waiting = configuration.train.accumulate.trailingZeroBitCount
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
    isFrozen = configuration.model.languageModel.frozen
    mapper = configuration.model.mapper
    let prefix = mapper.kind == .none ? 1 : mapper.prefixLength
    rows = batch.rows(prefix: prefix)
    squaredRows = batch.squaredRows(prefix: prefix)
    mapperRows = mapper.kind == .transformer ? batch.captions * (mapper.clipLength + mapper.prefixLength) : 0
  }

  /// Floats for as many inputs of products, which are kept in the precision of these.
  private func factors(_ count: Int) -> Int { precision == .bfloat16 ? (count + 1) / 2 : count }

  /// What one block of GPT-2 keeps: its input (1 width), queries, keys and values (3), the second normalisation's
  /// input (1), GELU's (4), attention's weights and the normalisations' statistics; where its weights are trained
  /// also their inputs: both normalised (2), attended (1), GELU's output (4).
  private var block: Int {
    rows * width * 9 + factors(isFrozen ? 0 : rows * width * 7) + languageModel.heads * squaredRows + 4 * rows
  }

  /// What one block of the transformer mapper keeps: input (1), normalised (1), queries (1), keys and values (2),
  /// attended (1), the second normalisation's input (1) and output (1), ReLU's output (2), of which the second linear
  /// layer has another copy in bfloat16.
  private var mapperBlock: Int {
    let copied = precision == .bfloat16 ? 2 : 0
    return mapperRows * 7 * width + factors(mapperRows * (3 + copied) * width) + mapperRows * 4
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

  /// Besides what is kept, backward through a block's GELU holds the gradients of its input and output (8 widths) and
  /// of the residual (1); trained blocks have then let go of GELU's output (4), and the pool's blocks of other sizes add
  /// about 5. A product in bfloat16 has its factors rounded and packed (3). With checkpointing a block's activations
  /// are there for a while.
  func working(checkpointing: Bool) -> Int {
    let widths = 10 + (precision == .bfloat16 ? 3 : 0)
    let again = checkpointing ? max(block, mapperBlock) : 0
    return widths * max(rows, mapperRows) * width + again
  }
}
