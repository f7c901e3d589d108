import Dispatch

/// What a process does when: phases that may stand within one another, measured only when it is recording.
public final class Timeline {
  public enum Phase: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    case batch, forward, backward, reduction, waiting, optimizer, checkpoint, validation

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
  /// In the order in which they ended.
  public private(set) var events: [Event] = []
  private var origin = 0
  /// Nanoseconds of the events within the one under way.
  private var within = 0

  public init(isRecording: Bool = false) { self.isRecording = isRecording }

  /// Counts time from now on.
  public func start() { origin = Self.now }

  public func measure<Result>(_ phase: Phase, _ body: () throws -> Result) rethrows -> Result {
    guard isRecording else { return try body() }
    let (start, outer) = (Self.now, within)
    within = 0
    defer {
      let duration = Self.now - start
      events.append(
        Event(
          phase: phase, step: step, start: start - origin, duration: duration,
          ownDuration: duration - within))
      within = outer + duration
    }
    return try body()
  }

  private static var now: Int { Int(DispatchTime.now().uptimeNanoseconds) }
}
