import Support

/// How long the calling thread was ready to run but had no core (Linux's `Documentation/scheduler/sched-stats.rst`).
final class RunQueueDelay {
  private var last = RunQueueDelay.total

  /// Seconds since this was last asked; 0 where the kernel does not count.
  func take() -> Double {
    let total = Self.total
    defer { last = total }
    return Double(total - last) / 1e9
  }

  private static var total: Int {
    SystemFile("/proc/thread-self/schedstat").words.dropFirst().first.flatMap { Int($0) } ?? 0
  }
}
