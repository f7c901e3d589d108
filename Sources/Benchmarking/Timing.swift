import Support

/// Seconds that one piece of work took, again and again.
public struct Timing: Codable, Equatable, Sendable {
  /// Of some of the runs.
  public struct Part: Codable, Equatable, Sendable {
    public let count: Int
    public let median: Double
    public let best: Double

    init?(_ seconds: [Double]) {
      guard !seconds.isEmpty else { return nil }
      let all = Timing(seconds)
      (count, median, best) = (all.count, all.median, all.best)
    }
  }

  public let count: Int
  public let median: Double
  public let best: Double
  /// Of the runs during which no other tenant was seen on the cores; nil where there were none, or nobody looked.
  public let calm: Part?
  /// Of the others.
  public let busy: Part?

  public init(_ seconds: [Double]) { self.init(seconds, calm: nil, busy: nil) }

  /// - Parameter isCalm: of each run.
  init(_ seconds: [Double], isCalm: [Bool]) {
    let runs = zip(seconds, isCalm)
    self.init(
      seconds, calm: Part(runs.filter { $0.1 }.map(\.0)), busy: Part(runs.filter { !$0.1 }.map(\.0)))
  }

  private init(_ seconds: [Double], calm: Part?, busy: Part?) {
    count = seconds.count
    best = seconds.min() ?? .nan
    median = seconds.median ?? .nan
    (self.calm, self.busy) = (calm, busy)
  }

  /// Times `count` runs of `body`, of which the first `warmup` more are not counted.
  public init(count: Int, warmup: Int = 1, _ body: () throws -> Void) rethrows {
    var seconds: [Double] = []
    for run in 0..<warmup + count {
      let time = try measure(body)
      if run >= warmup { seconds.append(time) }
    }
    self.init(seconds)
  }

  /// A line of a table for the calm runs and one for the busy ones, where there are both.
  /// - Parameter value: of a median.
  func facts(
    _ unit: String, _ value: (Double) -> String
  ) -> [(name: String, value: String, unit: String)] {
    [("  calm", calm), ("  busy", busy)].compactMap { name, part in
      part.map { (name, value($0.median), "\(unit), \($0.count) of \(count)") }
    }
  }
}

/// The seconds that `body` takes.
func measure(_ body: () throws -> Void) rethrows -> Double {
  try ContinuousClock().measure(body) / .seconds(1)
}
