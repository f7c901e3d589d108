import ConfigurationKeys

/// What is done at a step whose loss jumps.
public enum SpikeAction: String, Sendable, ConfigurationChoice {
  case warn, skip
}

public struct NumericsSection: ConfigurationSection {
  public var skipLimit = 0
  public var spikeThreshold: Double? = 6
  public var spikeWindow = 50
  public var spikeAction = SpikeAction.warn

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "skip_limit", \.skipLimit,
        "Consecutive steps with a non-finite loss or gradient that are skipped, changing nothing; one more ends the "
          + "run."
      ),
      .init(
        "spike_threshold", \.spikeThreshold,
        "Standard deviations above the mean of the last steps at which a loss counts as a spike; null: never."
      ),
      .init(
        "spike_window", \.spikeWindow,
        "Steps that this mean reaches back, and that come before the first spike."),
      .init("spike_action", \.spikeAction, "At a spike: warn, or skip the step as well."),
    ]
  }
}
