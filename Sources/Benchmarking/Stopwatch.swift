import CKernels
import Collectives
import Foundation
import Synchronization
import Tensors

/// Times pieces of work, and tells whether the cores were this program's own meanwhile.
///
/// Another tenant of the machine can run on a core's other hardware thread. It halves what this one gets of the core, and
/// no load average or stolen time shows it; but a chain of dependent additions then takes twice as long. So such a chain
/// runs before and after each piece of work, on all threads at once.
final class Stopwatch {
  /// One piece of work, timed.
  struct Sample {
    let seconds: Double
    /// Additions a nanosecond of the slowest core, before or after.
    let additions: Double
  }

  private let communicator: Communicator
  private let backend: Backend
  /// The most additions a nanosecond that there were: those of cores without a neighbour.
  private var undisturbed = 0.0

  init(_ communicator: Communicator, on backend: Backend) {
    self.communicator = communicator
    self.backend = backend
  }

  func sample(_ body: () throws -> Void) rethrows -> Sample {
    let before = slowestCore()
    let seconds = try measure(body)
    return Sample(seconds: seconds, additions: min(before, slowestCore()))
  }

  /// Samples `count` runs of `body`, of which `warmup` more are not counted.
  func timing(count: Int, warmup: Int = 1, _ body: () throws -> Void) rethrows -> Timing {
    var samples: [Sample] = []
    for _ in 0..<warmup + count { samples.append(try sample(body)) }
    return timing(samples.dropFirst(warmup).map { $0 })
  }

  /// All samples, and apart those during which the cores of all ranks were calm. All ranks call this together.
  func timing(_ samples: [Sample]) -> Timing {
    let isBusy = communicator.allGather(samples.map { $0.additions < 0.74 * undisturbed ? 1 : 0 })
    return Timing(
      samples.map(\.seconds),
      isCalm: samples.indices.map { index in isBusy.allSatisfy { $0.dropFirst(index).first != 1 } })
  }

  private func slowestCore() -> Double {
    let threads = backend.pool.threads
    let arrived = Atomic<Int>(0)
    var rates = [Double](repeating: 0, count: threads)
    rates.withUnsafeMutableBufferPointer { rates in
      nonisolated(unsafe) let rates = rates
      backend.pool.parallel(threads) { thread in
        // So that every thread takes one.
        arrived.add(1, ordering: .relaxed)
        while arrived.load(ordering: .relaxed) < threads { sched_yield() }
        for _ in 0..<2 {
          var additions = 0.0
          let seconds = measure { additions = capstan_dependent_additions() }
          rates[thread] = max(rates[thread], additions / seconds / 1e9)
        }
      }
    }
    undisturbed = max(undisturbed, rates.max() ?? 0)
    return rates.min() ?? 0
  }
}
