import Foundation
import Synchronization

/// What has to be done when a signal ends the program in the midst of something: files that are half-written removed,
/// programs that were started ended. Then the signal takes its course.
///
/// Where ``RunSignals`` are installed, signals do not end the program, and nothing happens here.
public enum Cleanup {
  private struct State {
    var actions: [Int: @Sendable () -> Void] = [:]
    var count = 0
    var isWatching = false
  }

  private static let state = Mutex(State())
  /// Through which the handler, which may do next to nothing, tells a thread of a signal.
  private static let pipe = Pipe()

  /// Runs `body`, and `action` too when a signal ends the program meanwhile.
  public static func onSignal<Result>(
    _ action: @escaping @Sendable () -> Void, during body: () throws -> Result
  ) rethrows -> Result {
    let number = state.withLock { state in
      if !state.isWatching { watch() }
      state.isWatching = true
      state.count += 1
      state.actions[state.count] = action
      return state.count
    }
    // This waits, and the program goes no further, while the signal's thread has the lock.
    defer { state.withLock { _ = $0.actions.removeValue(forKey: number) } }
    return try body()
  }

  private static func watch() {
    let reading = pipe.fileHandleForReading.fileDescriptor
    _ = fcntl(reading, F_SETFD, FD_CLOEXEC)
    _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    let thread = Thread {
      var number: UInt8 = 0
      while read(reading, &number, 1) != 1 {}
      state.withLock { state in
        for (_, action) in state.actions.sorted(by: { $0.key > $1.key }) { action() }
        signal(Int32(number), SIG_DFL)
        kill(getpid(), Int32(number))
        while true { pause() }
      }
    }
    thread.stackSize = 1 << 18
    thread.start()
    for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] where SignalDisposition(of: number) == .systemDefault {
      signal(number) { number in
        var byte = UInt8(number)
        _ = write(Cleanup.pipe.fileHandleForWriting.fileDescriptor, &byte, 1)
      }
    }
  }
}
