import Foundation
import Synchronization

/// A fixed crew of threads that share the tasks of one parallel loop at a time.
///
/// Which thread runs which task is left to chance; results do not depend on it because every task writes what it
/// alone owns and how work is cut into tasks never depends on the number of threads.
public final class ThreadPool: Sendable {
  public let threads: Int
  private let isDry: Bool

  private struct Loop: @unchecked Sendable {
    var number = 0
    var count = 0
    var body: ((Int) -> Void)?
    var working = 0
    var stopped = false
  }

  /// Shared with the crew, which must not keep the pool itself alive.
  private final class SharedState: @unchecked Sendable {
    let condition = NSCondition()
    var loop = Loop()
    let next = Atomic<Int>(0)
    /// Mirrors `loop.number` so that an idle thread can watch for work without taking the lock.
    let announced = Atomic<Int>(0)
    let busy = Atomic<Int>(0)
  }

  private let desk = SharedState()

  /// - Parameter isDry: whether there is no crew, and loops run nothing.
  public init(threads: Int, isDry: Bool = false) {
    self.threads = max(1, threads)
    self.isDry = isDry
    guard !isDry else { return }
    for _ in 1..<self.threads {
      let thread = Thread { [desk] in Self.worker(desk) }
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  deinit {
    desk.condition.lock()
    desk.loop.stopped = true
    desk.announced.add(1, ordering: .sequentiallyConsistent)
    desk.condition.broadcast()
    desk.condition.unlock()
  }

  /// Runs `body` for 0 ..< count and returns when all have run. Not to be called from within a body, nor from two
  /// threads at once.
  public func parallel(_ count: Int, _ body: (Int) -> Void) {
    guard !isDry else { return }
    guard threads > 1, count > 1 else {
      for task in 0..<count { body(task) }
      return
    }
    withoutActuallyEscaping(body) { body in
      desk.next.store(0, ordering: .relaxed)
      desk.busy.store(threads - 1, ordering: .relaxed)
      desk.condition.lock()
      desk.loop.number += 1
      desk.loop.count = count
      desk.loop.body = body
      desk.announced.store(desk.loop.number, ordering: .releasing)
      desk.condition.broadcast()
      desk.condition.unlock()
      Self.takeTasks(desk)
      // The rest of the crew is at its last task: waiting awake is shorter than going to sleep.
      var spins = 0
      while desk.busy.load(ordering: .acquiring) > 0 {
        spins += 1
        if spins > 2000 { sched_yield() }
      }
      desk.loop.body = nil
    }
  }

  private static func worker(_ desk: SharedState) {
    var seen = 0
    while true {
      // A step is hundreds of loops in a row, so the next one is mostly microseconds away.
      var spins = 0
      while desk.announced.load(ordering: .acquiring) == seen && spins < 20_000 { spins += 1 }
      desk.condition.lock()
      while desk.loop.number == seen && !desk.loop.stopped { desk.condition.wait() }
      let (number, isStopped) = (desk.loop.number, desk.loop.stopped)
      desk.condition.unlock()
      if isStopped { return }
      seen = number
      takeTasks(desk)
      desk.busy.subtract(1, ordering: .releasing)
    }
  }

  /// Works on the announced loop. A function of its own that is not inlined, so that no reference to the body is
  /// left when it returns: the body must not outlive the call of ``parallel(_:_:)``.
  @inline(never)
  private static func takeTasks(_ desk: SharedState) {
    guard let body = desk.loop.body else { return }
    let count = desk.loop.count
    while true {
      let task = desk.next.wrappingAdd(1, ordering: .relaxed).oldValue
      if task >= count { return }
      body(task)
    }
  }
}
