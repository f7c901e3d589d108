import ConfigurationKeys

public struct LogSection: ConfigurationSection {
  public var everySteps = 10
  public var tensorboard = true

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("every_steps", \.everySteps, "Steps between two lines of the log."),
      .init("tensorboard", \.tensorboard, "Whether TensorBoard event files are written."),
    ]
  }
}
