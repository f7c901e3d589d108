import Support
import Tensors

/// How much scores owe to the choice of images: they are drawn again and again, with replacement, as many
/// as there are (Efron 1979; for scores of systems Koehn 2004).
///
/// BLEU's statistics are added over each draw; of other metrics the images' scores are averaged, and
/// CIDEr's document frequencies stay those of all images. METEOR has no interval, for only its own program
/// can add its statistics.
public struct Bootstrap: Equatable, Sendable {
  public let resamples: Int
  public let seed: UInt64

  /// - Throws: `Failure.usage` for fewer than 100 resamples, whose percentiles would mean little.
  public init(resamples: Int = 1000, seed: UInt64 = 0) throws {
    guard (100...1_000_000).contains(resamples) else {
      throw Failure.usage(
        "The number of resamples is \(resamples), but must be between 100 and 1000000; choose another.")
    }
    self.resamples = resamples
    self.seed = seed
  }

  /// The middle 95 per cent of a metric's scores over the draws.
  public struct Interval: Codable, Equatable, Sendable {
    public let low: Double
    public let high: Double
  }

  /// Two systems on the same draws.
  public struct Difference: Equatable, Sendable {
    /// The first system's score less the other's.
    public let difference: Double
    public let interval: Interval
    /// Twice the share of draws in which there is no difference or one of the other sign, the data themselves
    /// counted as one such draw, and at most 1. A difference that the fourth decimal does not show is none: where no
    /// 4-gram matches, BLEU-4 is no more than what its smoothing makes of nothing.
    public let pValue: Double
  }

  /// Intervals of the metrics that can be drawn again.
  public func intervals(of scores: CaptionScores) -> [Metric: Interval] {
    let drawn = draws(of: [scores])
    return drawn.mapValues { interval(of: $0[0]) }
  }

  /// - Throws: `Failure.badData` when the two are not of the same images.
  public func differences(of scores: CaptionScores, from other: CaptionScores) throws -> [Metric: Difference]
  {
    guard scores.imageIDs == other.imageIDs else {
      throw Failure.badData("The two sets of captions are not of the same images; score both on the same.")
    }
    return draws(of: [scores, other]).reduce(into: [:]) { result, drawn in
      guard let own = scores[drawn.key], let others = other[drawn.key] else { return }
      let difference = own - others
      let draws = zip(drawn.value[0], drawn.value[1]).map(-)
      let opposite = draws.count { difference > 0 ? $0 < Self.resolution : $0 > -Self.resolution }
      let isNone = abs(difference) < Self.resolution
      result[drawn.key] = Difference(
        difference: difference, interval: interval(of: draws),
        pValue: isNone ? 1 : min(1, 2 * Double(opposite + 1) / Double(resamples + 1)))
    }
  }

  /// Half of the last decimal that scores are printed with.
  private static let resolution = 0.5e-4

  /// For each metric that all systems have and that is a number, each system's scores over the draws.
  private func draws(of systems: [CaptionScores]) -> [Metric: [[Double]]] {
    let count = systems[0].images.count
    let metrics = Metric.allCases.filter { metric in
      systems.allSatisfy { $0.score(metric, of: 0..<count)?.isFinite ?? false }
    }
    var result: [Metric: [[Double]]] = [:]
    for metric in metrics { result[metric] = Array(repeating: [], count: systems.count) }
    var random = Philox(seed: seed, stream: "bootstrap")
    for _ in 0..<resamples {
      let chosen = (0..<count).map { _ in Int(random.uniform() * Double(count)) }
      for metric in metrics {
        for (index, system) in systems.enumerated() {
          if let score = system.score(metric, of: chosen) { result[metric]?[index].append(score) }
        }
      }
    }
    return result
  }

  private func interval(of draws: [Double]) -> Interval {
    let sorted = draws.sorted()
    return Interval(low: Self.quantile(0.025, of: sorted), high: Self.quantile(0.975, of: sorted))
  }

  /// Between the two nearest, as NumPy has it.
  private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
