import CMPI
import Foundation
import Support

/// Through which every wait for other ranks goes: MPI itself waits forever for one that is stopped or cut off. When a
/// wait has lasted as long as the limit, a ``LivenessPoll`` finds out who does not wait, one rank says so, and the job ends.
final class HangDetector {
  var limit = Duration.seconds(600)
  /// What the job is at, as in “step 12”.
  var phase = "the start"
  private let rank: Int
  private let hosts: [String]
  /// Whether more ranks than cores are on this host, so that one that waits should leave its core to others.
  private let isCrowded: Bool
  private let communicator: MPI_Comm?
  private let abort: (Failure) -> Never

  /// How long ranks have to answer, and how often a rank that waits looks whether it is called.
  private static let answering = Duration.seconds(4)
  private static let patience = Duration.seconds(1)
  /// How long a wait spins where others want the core: longer than a message within a node takes.
  private static let spinning = Duration.microseconds(100)

  /// - Parameters:
  ///   - hosts: of all ranks.
  ///   - isCrowded: whether this rank's host has more ranks than cores.
  ///   - communicator: on which nothing else is sent.
  ///   - abort: ends all ranks.
  init(
    rank: Int, hosts: [String], isCrowded: Bool, over communicator: MPI_Comm?,
    abort: @escaping (Failure) -> Never
  ) {
    self.rank = rank
    self.hosts = hosts
    self.isCrowded = isCrowded
    self.communicator = communicator
    self.abort = abort
  }

  /// Returns when `isDone` says so.
  func wait(for operation: @autoclosure () -> String, until isDone: () -> Bool) {
    let start = ContinuousClock.now
    var call: LivenessPoll?
    var looked = Duration.zero
    while !isDone() {
      let waited = ContinuousClock.now - start
      if isCrowded, waited > Self.spinning { usleep(50) } else { sched_yield() }
      if var current = call {
        let isOver = current.poll()
        call = current
        guard isOver else { continue }
        if waited > limit || current.present.count > 1 { end(operation(), waited, current.present) }
        call = nil
      } else if waited > looked + Self.patience {
        looked = waited
        if waited > limit || LivenessPoll.isCalled(over: communicator) {
          call = LivenessPoll(rank: rank, size: hosts.count, duration: Self.answering, over: communicator)
        }
      }
    }
  }

  private func end(_ operation: String, _ waited: Duration, _ present: Set<Int>) -> Never {
    // One voice is enough; the next speaks where that has ended without a word.
    if let first = present.min(), first != rank { Thread.sleep(forTimeInterval: 8) }
    let missing = Set(hosts.indices).subtracting(present).sorted()
    let seconds = "\(waited.components.seconds) s"
    let found =
      missing.isEmpty
      ? "all ranks have waited for \(seconds), this one for \(operation)"
      : "the others have waited for \(Self.names(of: missing, hosts)) for \(seconds), in \(operation)"
    abort(
      .runtime(
        "The job hangs: in \(phase) \(found) (run.stall_limit is \(limit.components.seconds)); look there for a "
          + "stopped process or a lost connection, then resume with --resume auto."))
  }

  /// Ranks by host, as in “ranks 2 and 3 (b)”.
  static func names(of ranks: [Int], _ hosts: [String]) -> String {
    let groups = Dictionary(grouping: ranks) { hosts[$0] }.sorted { $0.value[0] < $1.value[0] }
    return groups.map { host, ranks in
      "\(ranks.count == 1 ? "rank" : "ranks") \(ranks.map(String.init).formatted(.list(type: .and))) (\(host))"
    }.formatted(.list(type: .and))
  }
}
