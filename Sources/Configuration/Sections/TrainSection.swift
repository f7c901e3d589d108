import ConfigurationKeys
import Objectives
import Tensors

public enum PrecisionChoice: String, ConfigurationChoice {
  case auto, float32, bfloat16

  public init(_ precision: Precision) { self = precision == .bfloat16 ? .bfloat16 : .float32 }

  /// Nil leaves it to a ``PrecisionDecision``.
  public var precision: Precision? { Precision(rawValue: rawValue) }
}

extension Precision: ConfigurationChoice {}

extension CrossEntropy.Reduction: ConfigurationChoice {}

public struct TrainSection: ConfigurationSection {
  public var steps: Int?
  public var epochs: Int?
  public var batchSize = 40
  public var lanes = 8
  public var accumulationSteps = 1
  public var activationCheckpointing = false
  public var precision = PrecisionChoice.auto
  public var gradientReductionPrecision = Precision.float32
  public var lossReduction = CrossEntropy.Reduction.mean
  public var labelSmoothing = 0.0
  public var clipNorm: Double?
  public var clipValue: Double?
  public var ignoreTokenZero = false

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("steps", \.steps, "Optimizer steps; give this or epochs."),
      .init("epochs", \.epochs, "Passes over the training captions; give this or steps."),
      .init("batch_size", \.batchSize, "Captions of one step, over all ranks."),
      .init(
        "lanes", \.lanes,
        "Slices of a batch whose gradients are added in a fixed tree: the largest number of ranks with bitwise the same "
          + "results. A power of two."
      ),
      .init(
        "accumulation_steps", formerly: "accumulate", \.accumulationSteps,
        "Gradient accumulation: microbatches in which a rank works through its lanes, for less memory; changes no result."
      ),
      .init(
        "activation_checkpointing", \.activationCheckpointing,
        "Whether transformer blocks keep only their input and are recomputed in backward: far less memory for a third "
          + "more computation; changes no result."),
      .init(
        "precision", \.precision,
        "Of matrix products: float32, bfloat16 (its sums and all else in float32), or auto for bfloat16 where the "
          + "processor is faster at it; a run keeps what its first start found."),
      .init(
        "gradient_reduce_dtype", formerly: "gradient_transport", \.gradientReductionPrecision,
        "Data type of gradients sent between nodes: float32, or bfloat16 for half the bytes, which changes results: they "
          + "depend on the number of nodes."),
      .init(
        "loss_reduction", \.lossReduction,
        "Of the losses of a batch's tokens for the gradient: mean, or sum; metrics have the mean."),
      .init(
        "label_smoothing", \.labelSmoothing,
        "Share of every target token that is spread over the whole vocabulary in the training loss, as in "
          + "torch.nn.CrossEntropyLoss; the validation loss is without."),
      .init("clip_norm", \.clipNorm, "Gradient clipping: the largest norm of the gradient; null: none."),
      .init(
        "clip_value", \.clipValue,
        "The largest magnitude of an element of the gradient, when its norm has been clipped; null: no clipping."
      ),
      .init(
        "ignore_token_zero", \.ignoreTokenZero, "Whether the loss ignores token 0, as in ClipCap."),
    ]
  }

  /// The steps of a run.
  public func totalSteps(perEpoch: Int) -> Int { steps ?? (epochs ?? 1) * perEpoch }
}
