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
