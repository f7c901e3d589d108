import ConfigurationKeys
import Optimization

extension Schedule.Shape: ConfigurationChoice {}

public struct ScheduleSection: ConfigurationSection {
  public var shape = Schedule.Shape.linear
  public var warmupSteps = 0
  public var startsAtZero = false
  public var minimumFactor = 0.0
  public var plateauFactor = 0.1
  public var plateauPatience = 10

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "shape", \.shape,
        "constant; linear or cosine down to zero at the last step; noam for the inverse root of the step; or plateau, which "
          + "lowers the rate where validations no longer improve."),
      .init("warmup_steps", \.warmupSteps, "Steps of linear warm-up before that."),
      .init(
        "starts_at_zero", \.startsAtZero,
        "Whether the first step's rate is zero, as in Hugging Face's schedules."),
      .init(
        "minimum_factor", \.minimumFactor,
        "The part of optimizer.learning_rate below which it does not fall behind the warm-up; linear and cosine end there."
      ),
      .init(
        "plateau_factor", \.plateauFactor,
        "plateau: what the learning rate is multiplied by each time it is lowered."),
      .init(
        "plateau_patience", \.plateauPatience,
        "plateau: validations without a new best, by validation.best, that are let pass before the rate is lowered."
      ),
    ]
  }

  /// The schedule of a run of so many steps.
  public func over(_ totalSteps: Int) -> Schedule {
    Schedule(
      shape: shape, warmupSteps: warmupSteps, totalSteps: totalSteps, startsAtZero: startsAtZero,
      minimum: minimumFactor, plateauFactor: plateauFactor)
  }
}
