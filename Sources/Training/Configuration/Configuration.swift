import Models
import Optimization
import Tensors

/// A whole run, as one YAML file says it.
public struct Configuration: ConfigurationSection {
  public var run = RunSection()
  public var data = DataSection()
  public var model = ModelSection()
  public var train = TrainSection()
  public var optimizer = OptimizerSection()
  public var schedule = ScheduleSection()
  public var validation = ValidationSection()
  public var checkpoint = CheckpointSection()
  public var log = LogSection()

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("run", \.run, "The run as a whole."),
      .init("data", \.data, "What is learnt from."),
      .init("model", \.model, "What learns."),
      .init("train", \.train, "How long and in which portions."),
      .init("optimizer", \.optimizer, "AdamW."),
      .init("schedule", \.schedule, "The learning rate over the run."),
      .init("validation", \.validation, "The loss and the scores on held-out captions."),
      .init("checkpoint", \.checkpoint, "What is kept to go on from."),
      .init("log", \.log, "What is told while it runs."),
    ]
  }
}

public struct RunSection: ConfigurationSection {
  public var directory = ""
  public var seed = 0
  public var threads: Int?

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("directory", \.directory, "Where everything about the run is written."),
      .init("seed", \.seed, "What all random numbers are drawn by."),
      .init(
        "threads", \.threads,
        "Threads of each rank; null: the cores it may use, divided by the ranks beside it."),
    ]
  }
}

public struct DataSection: ConfigurationSection {
  public var train = SplitSection(split: "train")
  public var validation = SplitSection(split: "val")
  public var tokenizer: String?
  public var endToken = true
  public var addPeriod = false
  public var captionTokens = CaptionLimit.unlimited

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("train", \.train, "Captions to learn from."),
      .init("validation", \.validation, "Captions to measure on; no files: none."),
      .init(
        "tokenizer", \.tokenizer,
        "Directory with vocab.json and merges.txt; null: the language model's own directory."),
      .init(
        "end_token", \.endToken, "Whether each caption ends with a learnt <|endoftext|>; ClipCap had none."),
      .init(
        "add_period", \.addPeriod,
        "Whether a full stop is put behind each caption, as ClipCap did for Conceptual Captions."),
      .init(
        "caption_tokens", \.captionTokens,
        "The most tokens of a caption, longer ones being cut: a number, or “clipcap” for the mean plus ten deviations, "
          + "or null for what the positions hold."),
    ]
  }
}

public struct SplitSection: ConfigurationSection {
  public var files: [String] = []
  public var split = "train"

  public init() {}
  init(split: String) { self.split = split }

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("files", \.files, "Embedding stores: paths or globs."),
      .init("split", \.split, "The split of those stores that is used."),
    ]
  }
}

/// How long a caption may be.
public enum CaptionLimit: Equatable, Sendable {
  case unlimited
  case tokens(Int)
  /// ClipCap's rule: int(mean + 10 · standard deviation) of the training captions.
  case clipcap
}

public struct ModelSection: ConfigurationSection {
  public var languageModel = LanguageModelSection()
  public var mapper = MapperSection()
  public var normalizeEmbeddings = false

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("language_model", \.languageModel, "The GPT-2 that writes the captions."),
      .init("mapper", \.mapper, "What turns an embedding into a prefix."),
      .init(
        "normalize_embeddings", \.normalizeEmbeddings,
        "Whether each embedding is divided by its length first."),
    ]
  }
}

public struct LanguageModelSection: ConfigurationSection {
  public var directory: String?
  public var size: String?
  public var layers = 12
  public var width = 768
  public var heads = 12
  public var positions = 1024
  public var frozen = false
  public var dropout = 0.1
  public var resizeVocabulary = false

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "directory", \.directory,
        "A Hugging Face GPT-2 (config.json, model.safetensors) to start from; null: random weights of the size below."
      ),
      .init(
        "size", \.size,
        "gpt2, gpt2-medium, gpt2-large or gpt2-xl, in place of the four numbers below; null: those."),
      .init("layers", \.layers, "Transformer blocks."),
      .init("width", \.width, "Width of the embeddings."),
      .init("heads", \.heads, "Attention heads."),
      .init("positions", \.positions, "The longest sequence, prefix included."),
      .init("frozen", \.frozen, "Whether only the mapping network is trained."),
      .init("dropout", \.dropout, "Dropout of embeddings, attention and residuals; none when frozen."),
      .init(
        "resize_vocabulary", \.resizeVocabulary,
        "Whether the directory's token table may be cut or extended to the tokenizer's size."),
    ]
  }
}

public enum MapperKind: String, ConfigurationChoice {
  case mlp, transformer
  /// No mapping network and no images: a plain language model on the captions.
  case none
}

public struct MapperSection: ConfigurationSection {
  public var kind = MapperKind.mlp
  public var prefixLength = 10
  public var clipLength = 10
  public var layers = 8
  public var heads = 8

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("kind", \.kind, "mlp, transformer, or none for a plain language model on the captions."),
      .init("prefix_length", \.prefixLength, "Rows of the prefix."),
      .init("clip_length", \.clipLength, "Transformer: rows that the embedding is turned into."),
      .init("layers", \.layers, "Transformer: blocks."),
      .init("heads", \.heads, "Transformer: attention heads."),
    ]
  }
}

public enum PrecisionChoice: String, ConfigurationChoice {
  case auto, float32, bfloat16

  /// Nil leaves the choice to the processor.
  public var precision: Precision? { Precision(rawValue: rawValue) }
}

extension Precision: ConfigurationChoice {}

public struct TrainSection: ConfigurationSection {
  public var steps: Int?
  public var epochs: Int?
  public var batchSize = 40
  public var lanes = 8
  public var accumulate = 1
  public var activationCheckpointing = false
  public var precision = PrecisionChoice.auto
  public var gradientTransport = Precision.float32
  public var clipNorm: Double?
  public var ignoreTokenZero = false

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("steps", \.steps, "Optimizer steps; give this or epochs."),
      .init("epochs", \.epochs, "Passes over the training captions; give this or steps."),
      .init("batch_size", \.batchSize, "Captions of one step, over all ranks."),
      .init(
        "lanes", \.lanes,
        "Pieces of a batch whose sums are added in a fixed tree: the most ranks that give the same bits. A power of two."
      ),
      .init(
        "accumulate", \.accumulate,
        "Portions in which a rank works through its lanes, for less memory; changes no result."),
      .init(
        "activation_checkpointing", \.activationCheckpointing,
        "Whether transformer blocks keep only their input and are run again in backward: far less memory for a third "
          + "more computing; changes no result."),
      .init(
        "precision", \.precision,
        "Of matrix products: float32, bfloat16 (its sums and all else in float32), or auto for bfloat16 where the "
          + "processor has instructions for it."),
      .init(
        "gradient_transport", \.gradientTransport,
        "Of gradients between nodes: float32, or bfloat16 for half the bytes, which changes results: they depend on the "
          + "number of nodes."),
      .init("clip_norm", \.clipNorm, "The largest norm of the gradient; null: no clipping."),
      .init(
        "ignore_token_zero", \.ignoreTokenZero, "Whether token 0 counts nothing in the loss, as in ClipCap."),
    ]
  }
}

extension AdamW.Convention: ConfigurationChoice {}

public struct OptimizerSection: ConfigurationSection {
  public var convention = AdamW.Convention.pytorch
  public var learningRate = 2e-5
  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon = 1e-8
  public var weightDecay = 0.0

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("convention", \.convention, "pytorch, or huggingface for the AdamW that ClipCap used."),
      .init("learning_rate", \.learningRate, "The highest learning rate."),
      .init("beta1", \.beta1, "Decay of the first moment."),
      .init("beta2", \.beta2, "Decay of the second moment."),
      .init("epsilon", \.epsilon, "Added to the root of the second moment; ClipCap had 1e-6."),
      .init("weight_decay", \.weightDecay, "Decay of all trained parameters, times the learning rate."),
    ]
  }

  public var adamW: AdamW.Options {
    AdamW.Options(
      convention: convention, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }
}

extension Schedule.Shape: ConfigurationChoice {}

public struct ScheduleSection: ConfigurationSection {
  public var shape = Schedule.Shape.linear
  public var warmupSteps = 0
  public var startsAtZero = false

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("shape", \.shape, "constant, or linear or cosine down to zero at the last step."),
      .init("warmup_steps", \.warmupSteps, "Steps of linear rise before that."),
      .init(
        "starts_at_zero", \.startsAtZero,
        "Whether the first step's rate is zero, as in Hugging Face's schedules."),
    ]
  }
}

/// What makes one checkpoint better than another.
public enum BestCheckpoint: String, CaseIterable, Sendable, ConfigurationChoice {
  case loss, cider
}

public struct ValidationSection: ConfigurationSection {
  public var everySteps: Int?
  public var patience: Int?
  public var metricsEvery: Int?
  public var beams = 1
  public var best = BestCheckpoint.loss

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "every_steps", \.everySteps, "Steps from one validation to the next; null: at the end of each epoch."),
      .init(
        "patience", \.patience, "Validations without a new best after which training stops; null: never."),
      .init(
        "metrics_every", \.metricsEvery,
        "Epochs from one captioning and scoring of the validation's images to the next; null: never."),
      .init("beams", \.beams, "Captions of an image that are followed at a time for that; 1: greedy."),
      .init("best", \.best, "What the best checkpoint has: the lowest loss, or the highest cider."),
    ]
  }
}

public struct CheckpointSection: ConfigurationSection {
  public var everySteps: Int?
  public var keep = 2

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "every_steps", \.everySteps,
        "Steps from one checkpoint to the next; null: at each validation and at the end."),
      .init("keep", \.keep, "Newest checkpoints that are kept, besides the best."),
    ]
  }
}

public struct LogSection: ConfigurationSection {
  public var everySteps = 10
  public var tensorboard = true

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("every_steps", \.everySteps, "Steps from one line of the log to the next."),
      .init("tensorboard", \.tensorboard, "Whether TensorBoard event files are written."),
    ]
  }
}
