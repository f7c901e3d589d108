import Foundation
import Synchronization

/// What a run is asked for; of several requests the greatest counts.
public enum RunRequest: Int, Comparable, Sendable {
  case `continue`
  /// Write a checkpoint and continue.
  case checkpoint
  /// Write a checkpoint and end.
  case stop

  public static func < (one: RunRequest, other: RunRequest) -> Bool { one.rawValue < other.rawValue }
}

/// The signals by which a run is asked to stop, or for a checkpoint: noted until the run comes to it.
///
/// A signal that was ignored when the program started stays so, as `nohup` has it.
public enum RunSignals {
  /// Ctrl-C; what `kill` and schedulers send; a terminal that was closed; what `mpirun` and `srun` pass on to all ranks.
  private static let stopping = [SIGINT, SIGTERM, SIGHUP, SIGUSR1]
  private static let all = stopping + [SIGUSR2]

  /// The first signal that asked the run to stop, and the second in which it came; 0 before.
  private static let stopNumber = Atomic<Int32>(0)
  private static let stopTime = Atomic<Int>(0)
  private static let wantsCheckpoint = Atomic<Bool>(false)
  private static let isInstalled = Atomic<Bool>(false)
  /// The thread that is about to start the program again, for which signals are kept.
  nonisolated(unsafe) private static var keeper: pthread_t?

  public static var request: RunRequest {
    if stopNumber.load(ordering: .relaxed) > 0 { return .stop }
    return wantsCheckpoint.load(ordering: .relaxed) ? .checkpoint : .continue
  }

  /// For the time before the first step, when there is nothing to save.
  /// - Throws: `Failure.interrupted` when the run is asked to stop.
  public static func requireNoStop() throws {
    guard request != .stop else {
      throw Failure.interrupted(
        "The run was stopped before its first step, so there is nothing to save; the same command starts it again."
      )
    }
  }

  /// From now on, another request for a checkpoint is one for another checkpoint.
  public static func acceptCheckpoint() { wantsCheckpoint.store(false, ordering: .relaxed) }

  /// Turns the signals from sudden death into requests: the first thing to do in a program that has something to lose.
  public static func install() {
    // What reads the run's words may have ended before it, such as `tee` by the same Ctrl-C.
    signal(SIGPIPE, SIG_IGN)
    for number in all where SignalDisposition(of: number) != .ignored { signal(number, note) }
    isInstalled.store(true, ordering: .relaxed)
    mask(SIG_UNBLOCK)
  }

  /// Runs what starts this program again in the same process. Requests that were not met are passed on to it: the signals
  /// are blocked, so that they are pending until it installs its handlers.
  public static func passingOn(_ startAgain: () -> Void) {
    // What has not asked for signals does not unblock them the second time either.
    guard isInstalled.load(ordering: .relaxed) else { return startAgain() }
    mask(SIG_BLOCK)
    keeper = pthread_self()
    let number = stopNumber.load(ordering: .relaxed)
    if number > 0 { raise(number) }
    if wantsCheckpoint.load(ordering: .relaxed) { raise(SIGUSR2) }
    startAgain()
    keeper = nil
    mask(SIG_UNBLOCK)
  }

  /// Calls nothing that a signal's handler may not.
  private static let note: @convention(c) (Int32) -> Void = { number in
    // OpenBLAS's threads block nothing.
    if let keeper, pthread_equal(keeper, pthread_self()) == 0 { pthread_kill(keeper, number) }
    guard number != SIGUSR2 else { return wantsCheckpoint.store(true, ordering: .relaxed) }
    let now = time(nil)
    guard stopNumber.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged else {
      // A second Ctrl-C ends the process at once. Some programs pass one on twice, but not a second later.
      if number == SIGINT, now > stopTime.load(ordering: .relaxed) + 1 {
        signal(SIGINT, SIG_DFL)
        raise(SIGINT)
      }
      return
    }
    stopTime.store(now, ordering: .relaxed)
  }

  private static func mask(_ how: Int32) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in all { sigaddset(&set, number) }
    pthread_sigmask(how, &set, nil)
  }
}
