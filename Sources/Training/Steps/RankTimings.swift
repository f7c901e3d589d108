import Support

/// Seconds that a rank spent at each phase since the gradients of the step before, and those in which it was ready
/// to work but the system gave it no core.
struct RankTimings {
  private let phases: [Double]
  let runQueueSeconds: Double

  /// - Parameter values: as ``values(_:)`` gives them.
  init(_ values: [Double]) {
    (phases, runQueueSeconds) = (Array(values.dropLast()), values.last ?? 0)
  }

  /// What ranks tell each other.
  static func values(_ timeline: Timeline, _ cores: RunQueueDelay) -> [Double] {
    timeline.drainDurations() + [cores.take()]
  }

  /// All but waiting for other ranks.
  var seconds: Double { worked.reduce(0) { $0 + $1.seconds } }
  var longest: (phase: Timeline.Phase, seconds: Double)? { worked.max { $0.seconds < $1.seconds } }

  private var worked: [(phase: Timeline.Phase, seconds: Double)] {
    zip(Timeline.Phase.allCases, phases).filter { $0.0 != .waiting }.map { ($0, $1) }
  }
}
