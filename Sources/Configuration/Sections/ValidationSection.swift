import ConfigurationKeys

/// What makes one checkpoint better than another.
public enum BestCheckpoint: String, ConfigurationChoice {
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
        "every_steps", \.everySteps, "Steps between two validations; null: at the end of each epoch."),
      .init(
        "patience", \.patience,
        "Early stopping: validations without a new best after which training stops; null: never."),
      .init(
        "metrics_every", \.metricsEvery,
        "Epochs between two rounds of captioning and scoring the validation images; null: never."),
      .init("beams", \.beams, "Beam width of that captioning; 1: greedy search."),
      .init("best", \.best, "By what the best checkpoint is chosen: the lowest loss, or the highest CIDEr."),
    ]
  }
}
