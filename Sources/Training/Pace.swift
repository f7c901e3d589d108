import Collectives
import Essentials
import Foundation

/// Watches how long ranks work at a step: says which rank held up a step that took far longer than others, and which
/// host all the others wait for.
struct Pace {
  /// Seconds that a rank spent at each phase since the gradients of the step before, and those in which it was ready
  /// to work but the system gave it no core.
  struct Work {
    private let phases: [Double]
    let withoutCore: Double

    /// - Parameter values: as ``values(_:)`` gives them.
    init(_ values: [Double]) {
      (phases, withoutCore) = (Array(values.dropLast()), values.last ?? 0)
    }

    /// What ranks tell each other.
    static func values(_ timeline: Timeline, _ cores: CoreWaits) -> [Double] {
      timeline.takeSpent() + [cores.take()]
    }

    /// All but waiting for other ranks.
    var seconds: Double { worked.reduce(0) { $0 + $1.seconds } }
    var longest: (phase: Timeline.Phase, seconds: Double)? { worked.max { $0.seconds < $1.seconds } }

    private var worked: [(phase: Timeline.Phase, seconds: Double)] {
      zip(Timeline.Phase.allCases, phases).filter { $0.0 != .waiting }.map { ($0, $1) }
    }
  }

  /// Steps that a step is compared with.
  static let window = 50
  /// Times the median from which on a step is told of.
  static let slowStep = 5.0
  /// Times the median over the ranks of other hosts from which on a host is told of, if it is as many seconds too: less
  /// is the system's noise.
  static let (slowHost, slowHostSeconds) = (1.5, 0.02)

  private let hosts: [String]
  private var last: ContinuousClock.Instant?
  private var seconds: [Double] = []
  /// By rank.
  private var work: [[Double]]
  private var steps = 0
  private var told: Set<String> = []

  /// - Parameter hosts: of all ranks.
  init(hosts: [String]) {
    self.hosts = hosts
    work = hosts.map { _ in [] }
  }

  /// Takes in a step, from the gradients of the one before to its own.
  /// - Parameters:
  ///   - works: by rank.
  ///   - circumstance: what else went on, as in “a checkpoint was being written”.
  /// - Returns: why it was slow, and nil where it was not.
  mutating func add(_ works: [Work], circumstance: String?, at time: ContinuousClock.Instant = .now)
    -> String?
  {
    defer { last = time }
    guard let last else { return nil }
    let seconds = (time - last) / .seconds(1)
    defer {
      append(seconds, to: &self.seconds)
      for (rank, work) in works.enumerated() { append(work.seconds, to: &self.work[rank]) }
      steps += 1
    }
    let usual = self.seconds.median
    guard steps >= Self.window / 2, seconds > Self.slowStep * usual else { return nil }
    let excess = works.indices.map { works[$0].seconds - work[$0].median }
    let head = String(format: "%.3f s, %.0f times the median: ", seconds, seconds / usual)
    let tail = circumstance.map { ", while \($0)" } ?? ""
    guard let rank = excess.indices.max(by: { excess[$0] < excess[$1] }), let longest = works[rank].longest,
      excess[rank] > (seconds - usual) / 2
    else { return head + "messages between ranks were slow" + tail }
    let starved = works[rank].withoutCore
    return head
      + String(
        format: "rank %d (%@) spent %.3f s at %@", rank, hosts[rank], longest.seconds, longest.phase.name)
      + (starved > longest.seconds / 4 ? String(format: ", %.3f s of it without a core", starved) : "") + tail
  }

  /// A host, or where there is only one a rank, that all others wait for: said once.
  mutating func slowHosts() -> [String] {
    guard steps >= Self.window / 2, steps % (Self.window / 2) == 0 else { return [] }
    let isOneHost = Set(hosts).count == 1
    let groups = Dictionary(grouping: hosts.indices) { isOneHost ? "rank \($0)" : "host \(hosts[$0])" }
    guard groups.count > 1 else { return [] }
    let usual = work.map(\.median)
    return groups.sorted { $0.value[0] < $1.value[0] }.compactMap { name, ranks in
      let mine = ranks.map { usual[$0] }.max() ?? 0
      let others = hosts.indices.filter { !ranks.contains($0) }.map { usual[$0] }.median
      guard mine > Self.slowHost * others, mine > others + Self.slowHostSeconds, told.insert(name).inserted
      else { return nil }
      return String(
        format:
          "%@ is slow: %.3f s of work a step, where the others need %.3f and wait for it; look there with "
          + "`capstan doctor` for other programs, fewer cores or another processor.",
        name.prefix(1).uppercased() + name.dropFirst(), mine, others)
    }
  }

  private func append(_ value: Double, to values: inout [Double]) {
    values.append(value)
    if values.count > Self.window { values.removeFirst() }
  }
}

extension [Double] {
  /// The upper one of two in the middle; 0 where there are none.
  var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}

/// How long the calling thread was ready to run but had no core (Linux's `Documentation/scheduler/sched-stats.rst`).
final class CoreWaits {
  private var last = CoreWaits.total

  /// Seconds since this was last asked; 0 where the kernel does not count.
  func take() -> Double {
    let total = Self.total
    defer { last = total }
    return Double(total - last) / 1e9
  }

  private static var total: Int {
    let text = (try? String(contentsOfFile: "/proc/thread-self/schedstat", encoding: .utf8)) ?? ""
    let numbers = text.split(separator: " ")
    return numbers.count > 1 ? Int(numbers[1]) ?? 0 : 0
  }
}
