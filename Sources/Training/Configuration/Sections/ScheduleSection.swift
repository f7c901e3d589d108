import Optimization

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

  /// The schedule of a run of so many steps.
  func over(_ totalSteps: Int) -> Schedule {
    Schedule(shape: shape, warmupSteps: warmupSteps, totalSteps: totalSteps, startsAtZero: startsAtZero)
  }
}
