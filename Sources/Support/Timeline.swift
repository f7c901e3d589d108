import Dispatch

/// What a process does when: phases that may stand within one another. How long each took is always counted, for a
/// clock costs nothing beside a phase; single stretches are kept only when it is recording.
public final class Timeline {
  public enum Phase: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    case loading, batch, forward, backward, reduction, waiting, optimizer, checkpoint, validation, logging

    public var name: String {
      switch self {
      case .batch: "batch building"
      case .waiting: "waiting for others"
      case .checkpoint: "checkpoint copy"
      default: "\(self)"
      }
    }
  }

  /// One stretch of a phase. Times are nanoseconds.
  public struct Event: BitwiseCopyable, Sendable {
    public let phase: Phase
    public let step: Int
    /// Since the timeline was started.
    public let start: Int
    public let duration: Int
    /// The duration without that of the events within.
    public let ownDuration: Int
  }

  public let isRecording: Bool
  /// What events are counted to.
  public var step = 0
  /// Told of every change of phase.
  public var onChange: ((Phase) -> Void)? { didSet { onChange?(phase) } }
  /// The innermost phase under way; before the start `loading`, and `logging` between phases.
  public private(set) var phase = Phase.loading {
    didSet { if phase != oldValue { onChange?(phase) } }
  }
  /// In the order in which they ended.
  public private(set) var events: [Event] = []
  /// Nanoseconds of each phase without the phases within, since they were last taken.
  private var spent = [Int](repeating: 0, count: Phase.allCases.count)
  private var origin = 0
  /// Nanoseconds of the events within the one under way.
  private var within = 0

  public init(isRecording: Bool = false) { self.isRecording = isRecording }

  /// Counts time from now on.
  public func start() {
    origin = Self.now
    phase = .logging
    _ = drainDurations()
  }

  public func measure<Result>(_ phase: Phase, _ body: () throws -> Result) rethrows -> Result {
    let (start, outer, outerPhase) = (Self.now, within, self.phase)
    within = 0
    self.phase = phase
    defer {
      let duration = Self.now - start
      spent[Int(phase.rawValue)] += duration - within
      if isRecording {
        events.append(
          Event(
            phase: phase, step: step, start: start - origin, duration: duration,
            ownDuration: duration - within))
      }
      within = outer + duration
      self.phase = outerPhase
    }
    return try body()
  }

  /// Seconds of each phase, in the order of all phases, without the phases within, since this was last asked.
  public func drainDurations() -> [Double] {
    defer { spent = spent.map { _ in 0 } }
    return spent.map { Double($0) / 1e9 }
  }

  private static var now: Int { Int(DispatchTime.now().uptimeNanoseconds) }
}
