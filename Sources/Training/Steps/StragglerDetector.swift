import Collectives
import Foundation
import Support

/// Watches how long ranks work at a step: says which rank held up a step that took far longer than others, and which
/// host all the others wait for.
struct StragglerDetector {
  /// Steps that a step is compared with.
  static let window = 50
  /// Times the median from which on a step is reported.
  static let slowStep = 5.0
  /// Times the median over the ranks of other hosts from which on a host is reported, if it is as many seconds too: less
  /// is the system's noise.
  static let (slowHost, slowHostSeconds) = (1.5, 0.02)

  private let hosts: [String]
  private var last: ContinuousClock.Instant?
  private var seconds: [Double] = []
  /// By rank.
  private var work: [[Double]]
  private var steps = 0
  private var reported: Set<String> = []

  /// - Parameter hosts: of all ranks.
  init(hosts: [String]) {
    self.hosts = hosts
    work = hosts.map { _ in [] }
  }

  /// Takes in a step, from the gradients of the one before to its own.
  /// - Parameters:
  ///   - timings: by rank.
  ///   - circumstance: what else went on, as in “a checkpoint was being written”.
  /// - Returns: why it was slow, and nil where it was not.
  mutating func add(_ timings: [RankTimings], circumstance: String?, at time: ContinuousClock.Instant = .now)
    -> String?
  {
    defer { last = time }
    guard let last else { return nil }
    let seconds = (time - last) / .seconds(1)
    defer {
      append(seconds, to: &self.seconds)
      for (rank, work) in timings.enumerated() { append(work.seconds, to: &self.work[rank]) }
      steps += 1
    }
    guard steps >= Self.window / 2, let usual = self.seconds.median, seconds > Self.slowStep * usual
    else { return nil }
    let excess = timings.indices.map { timings[$0].seconds - (work[$0].median ?? 0) }
    let head = String(format: "%.3f s, %.0f times the median: ", seconds, seconds / usual)
    let tail = circumstance.map { ", while \($0)" } ?? ""
    guard let rank = excess.indices.max(by: { excess[$0] < excess[$1] }), let longest = timings[rank].longest,
      excess[rank] > (seconds - usual) / 2
    else { return head + "messages between ranks were slow" + tail }
    let starved = timings[rank].runQueueSeconds
    return head
      + String(
        format: "rank %d (%@) spent %.3f s at %@", rank, hosts[rank], longest.seconds, longest.phase.name)
      + (starved > longest.seconds / 4 ? String(format: ", %.3f s of it without a core", starved) : "") + tail
  }

  /// A host, or where there is only one a rank, that all others wait for: said once.
  mutating func newStragglers() -> [String] {
    guard steps >= Self.window / 2, steps % (Self.window / 2) == 0 else { return [] }
    let isOneHost = Set(hosts).count == 1
    let groups = Dictionary(grouping: hosts.indices) { isOneHost ? "rank \($0)" : "host \(hosts[$0])" }
    guard groups.count > 1 else { return [] }
    let usual = work.map { $0.median ?? 0 }
    return groups.sorted { $0.value[0] < $1.value[0] }.compactMap { name, ranks in
      let mine = ranks.map { usual[$0] }.max() ?? 0
      let others = hosts.indices.filter { !ranks.contains($0) }.map { usual[$0] }.median ?? 0
      guard mine > Self.slowHost * others, mine > others + Self.slowHostSeconds,
        reported.insert(name).inserted
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
