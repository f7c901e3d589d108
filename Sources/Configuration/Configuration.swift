import ConfigurationKeys

/// A whole run, as one YAML file says it.
public struct Configuration: ConfigurationDocument {
  public var run = RunSection()
  public var data = DataSection()
  public var model = ModelSection()
  public var train = TrainSection()
  public var optimizer = OptimizerSection()
  public var schedule = ScheduleSection()
  public var numerics = NumericsSection()
  public var validation = ValidationSection()
  public var checkpoint = CheckpointSection()
  public var log = LogSection()

  public init() {}

  /// How long a run is.
  public static let alternatives: [Set<String>] = [["train.steps", "train.epochs"]]

  /// Those that lead to what a checkpoint's identity tells better are among them: the same vocabulary may be in another
  /// folder.
  public static let immaterialKeys: Set = [
    "run.directory", "run.threads", "run.stall_limit", "data.tokenizer", "model.language_model.size",
    "model.language_model.layers", "model.language_model.width", "model.language_model.heads",
    "model.language_model.positions", "train.steps", "train.epochs", "train.accumulation_steps",
    "train.activation_checkpointing", "train.precision", "train.gradient_reduce_dtype",
    "checkpoint.every_steps",
    "checkpoint.keep", "log.every_steps", "log.tensorboard",
  ]

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("run", \.run, "The run as a whole."),
      .init("data", \.data, "Training and validation captions."),
      .init("model", \.model, "The model."),
      .init("train", \.train, "Length of training, batches, precision."),
      .init("optimizer", \.optimizer, "AdamW."),
      .init("schedule", \.schedule, "The learning rate over the run."),
      .init("numerics", \.numerics, "Handling of non-finite losses and gradients, and of loss spikes."),
      .init("validation", \.validation, "The loss and the scores on held-out captions."),
      .init("checkpoint", \.checkpoint, "Checkpoints."),
      .init("log", \.log, "Logging."),
    ]
  }
}
