import Collectives
import Support
import Tensors

/// Times what ranks do together in a step.
public struct CollectivesBenchmark {
  /// Of the buffer that is summed, in units of a million bytes; GPT-2 124M with its mapper has 624.
  public var megabytes = 624
  public var runs = 5

  public init() {}

  /// All ranks call this together.
  public func run(_ communicator: Communicator, on backend: Backend) -> CollectivesReport {
    let count = megabytes * 1_000_000 / MemoryLayout<Float>.stride
    let sharded = shardedSum(count, Stopwatch(communicator, on: backend), communicator, on: backend)
    let latencyRuns = 200
    let barrier = Timing(count: latencyRuns) { communicator.barrier() }
    // What a step gathers: a loss for each lane.
    let gather = Timing(count: latencyRuns) { _ = communicator.allGather([0.0, 0, 0, 0, 0, 0, 0, 0]) }
    return CollectivesReport(
      ranks: communicator.size, threads: backend.pool.threads, megabytes: megabytes, shardedSum: sharded,
      shardedSumGigabytesPerSecond: Double(count * MemoryLayout<Float>.stride) / sharded.median / 1e9,
      barrier: barrier, allGather: gather)
  }

  /// What a step does: each rank sums what it owns, with the norm.
  private func shardedSum(
    _ count: Int, _ stopwatch: Stopwatch, _ communicator: Communicator, on backend: Backend
  ) -> Timing {
    let memory = SharedNodeMemory(communicator)
    memory.reserve(shared: 0, ranked: count)
    let buffers = memory.perRankBuffers(count)
    buffers.own.fill(1)
    let block = 24_576
    let blocks = stride(from: 0, to: count, by: block).map { $0..<min(count, $0 + block) }
    let reduction = GradientReduction(
      blocks, of: buffers, in: memory, communicator: communicator, on: backend)
    return stopwatch.timing(count: runs) {
      communicator.barrier()
      reduction.finish()
      _ = reduction.norm()
    }
  }
}

/// The speed of the collectives, as the first rank saw it.
public struct CollectivesReport: BenchmarkReport {
  public let ranks: Int
  /// Of each rank.
  public let threads: Int
  public let megabytes: Int
  /// Seconds until each rank has the sums of its share, and all have their norm.
  public let shardedSum: Timing
  /// The buffer's bytes, once, by the time of the sum.
  public let shardedSumGigabytesPerSecond: Double
  /// Seconds.
  public let barrier: Timing
  /// Seconds to gather eight doubles from each rank.
  public let allGather: Timing

  public var table: TextTable {
    TextTable(
      facts: [
        ("world", "\(ranks) × \(threads)", "ranks × threads"),
        (
          "sharded sum", decimal(shardedSum.median, 3),
          "s for \(megabytes) MB, each rank its share, with the norm"
        ),
        ("", decimal(shardedSumGigabytesPerSecond, 2), "GB/s"),
      ] + shardedSum.facts("s") { decimal($0, 3) } + [
        ("barrier", decimal(barrier.median * 1e6, 1), "µs"),
        ("all-gather", decimal(allGather.median * 1e6, 1), "µs for 64 bytes of each rank"),
      ])
  }
}
