import Foundation
import Support
import Synchronization

/// A thread of this process that can be seen from outside, for its name is what the main thread does (`ps -L -o comm`,
/// `top -H`), and that ends the process when a call into MPI which cannot be interrupted does not return.
public final class Watchdog: Sendable {
  /// The one of this process.
  public static let shared = Watchdog()

  private struct Call {
    let name: String
    let end: ContinuousClock.Instant
    let limit: Duration
  }

  private struct State {
    /// nil before the thread has begun.
    var name: ThreadName?
    var title = "starting"
    var call: Call?
  }

  private let state = Mutex(State())

  private init() {
    let thread = Thread { [self] in
      state.withLock {
        $0.name = ThreadName()
        $0.name?.show($0.title)
      }
      while true {
        usleep(200_000)
        if let call = state.withLock({ $0.call }), ContinuousClock.now > call.end {
          let failure = Failure.runtime(
            "\(call.name) has not returned for \(call.limit.components.seconds) s, so this process ends; look for a rank "
              + "that is stopped or a host that cannot be reached.")
          failure.report()
          _exit(failure.exitCode)
        }
      }
    }
    thread.stackSize = 1 << 18
    thread.start()
  }

  /// Names the thread.
  /// - Parameter title: of at most 15 bytes.
  public func show(_ title: String) {
    state.withLock {
      $0.title = title
      $0.name?.show(title)
    }
  }

  /// Runs what waits for others without a way to stop it, and ends the process with a sentence when that takes longer
  /// than the limit.
  func guarding<Result>(_ name: String, limit: Duration, _ body: () throws -> Result) rethrows -> Result {
    state.withLock { $0.call = Call(name: name, end: .now + limit, limit: limit) }
    defer { state.withLock { $0.call = nil } }
    return try body()
  }
}
