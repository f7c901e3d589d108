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
      .init("data", \.data, "What is learnt from."),
      .init("model", \.model, "What learns."),
      .init("train", \.train, "How long and in which portions."),
      .init("optimizer", \.optimizer, "AdamW."),
      .init("schedule", \.schedule, "The learning rate over the run."),
      .init("numerics", \.numerics, "What is done at steps whose numbers are not as they should be."),
      .init("validation", \.validation, "The loss and the scores on held-out captions."),
      .init("checkpoint", \.checkpoint, "What is kept to go on from."),
      .init("log", \.log, "What is told while it runs."),
    ]
  }
}
