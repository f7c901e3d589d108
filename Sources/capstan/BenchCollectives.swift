import ArgumentParser
import Benchmarking

struct BenchCollectives: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collectives",
    abstract: "Times what ranks do together: the sharded sum of gradients, a barrier, an all-gather.",
    discussion: """
      Example:
        mpirun -n 2 capstan bench collectives --megabytes 624
      """)

  @Option(help: "Of the buffer of floats that is summed, in millions of bytes.")
  var megabytes = 624

  @OptionGroup var options: BenchOptions

  func run() throws {
    try options.requirePositive(("megabytes", megabytes))
    var benchmark = CollectivesBenchmark()
    benchmark.megabytes = megabytes
    try options.report { benchmark.run($0, on: $1) }
  }
}
