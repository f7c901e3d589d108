import Collectives
import Tensors

/// Times what ranks do together in a step.
public struct CollectivesBenchmark {
  /// Of the line that is summed, in units of a million bytes; GPT-2 124M with its mapper has 624.
  public var megabytes = 624
  public var runs = 5

  public init() {}

  /// All ranks call this together.
  public func run(_ communicator: Communicator, on backend: Backend) -> CollectivesReport {
    let line = backend.zeros(1, megabytes * 1_000_000 / MemoryLayout<Float>.stride)
    let sum = Timing(count: runs) {
      communicator.barrier()
      communicator.treeSum(line, on: backend)
    }
    let latencyRuns = 200
    let barrier = Timing(count: latencyRuns) { communicator.barrier() }
    // What a step gathers: a loss for each lane.
    let gather = Timing(count: latencyRuns) { _ = communicator.allGather([0.0, 0, 0, 0, 0, 0, 0, 0]) }
    return CollectivesReport(
      ranks: communicator.size, threads: backend.pool.threads, megabytes: megabytes, treeSum: sum,
      treeSumGigabytesPerSecond: Double(line.count * MemoryLayout<Float>.stride) / sum.median / 1e9,
      barrier: barrier, allGather: gather)
  }
}

/// The speed of the collectives, as the first rank saw it.
public struct CollectivesReport: BenchmarkReport {
  public let ranks: Int
  /// Of each rank.
  public let threads: Int
  public let megabytes: Int
  /// Seconds.
  public let treeSum: Timing
  /// The line's bytes, once, by the time of the sum.
  public let treeSumGigabytesPerSecond: Double
  /// Seconds.
  public let barrier: Timing
  /// Seconds to gather eight doubles from each rank.
  public let allGather: Timing

  public var table: TextTable {
    TextTable(facts: [
      ("world", "\(ranks) × \(threads)", "ranks × threads"),
      ("tree sum", decimal(treeSum.median, 3), "s for \(megabytes) MB"),
      ("", decimal(treeSumGigabytesPerSecond, 2), "GB/s"),
      ("barrier", decimal(barrier.median * 1e6, 1), "µs"),
      ("all-gather", decimal(allGather.median * 1e6, 1), "µs for 64 bytes of each rank"),
    ])
  }
}
