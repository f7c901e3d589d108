/// Seconds that one piece of work took, again and again.
public struct Timing: Codable, Equatable, Sendable {
  public let count: Int
  public let median: Double
  public let best: Double

  public init(_ seconds: [Double]) {
    let sorted = seconds.sorted()
    count = sorted.count
    best = sorted.first ?? .nan
    let middle = sorted.count / 2
    median =
      sorted.isEmpty
      ? .nan : sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
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
}

/// The seconds that `body` takes.
func measure(_ body: () throws -> Void) rethrows -> Double {
  try ContinuousClock().measure(body) / .seconds(1)
}
