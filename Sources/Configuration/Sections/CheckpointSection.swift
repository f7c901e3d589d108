import ConfigurationKeys

public struct CheckpointSection: ConfigurationSection {
  public var everySteps: Int?
  public var keep = 2

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "every_steps", \.everySteps,
        "Steps between two checkpoints; null: at each validation and at the end."),
      .init("keep", \.keep, "Newest checkpoints that are kept, besides the best."),
    ]
  }
}
