import ConfigurationKeys

public struct RunSection: ConfigurationSection {
  public var directory = ""
  public var seed = 0
  public var threads: Int?
  public var stallLimit = 600

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("directory", \.directory, "Where everything about the run is written."),
      .init("seed", \.seed, "Random seed."),
      .init(
        "threads", \.threads,
        "Threads of each rank; null: the cores and the quota of time it may use, divided by the ranks beside it."
      ),
      .init(
        "stall_limit", \.stallLimit,
        "Seconds that ranks wait for another one before the job is ended as hanging, with that rank named."),
    ]
  }
}
