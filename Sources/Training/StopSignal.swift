import Foundation
import Synchronization

/// Whether somebody asked the run to end: SIGTERM (a scheduler's preemption, `kill`) or SIGINT (Ctrl-C). The step
/// that is under way is finished and a checkpoint written.
public enum StopSignal {
  private static let flag = Atomic<Bool>(false)

  /// Turns the two signals from sudden death into a request.
  public static func install() {
    for number in [SIGTERM, SIGINT] {
      signal(number) { _ in StopSignal.flag.store(true, ordering: .relaxed) }
    }
  }

  public static var isRaised: Bool { flag.load(ordering: .relaxed) }
}
