/// A whole run, as one YAML file says it.
public struct Configuration: ConfigurationSection {
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
