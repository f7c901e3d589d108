import ArgumentParser
import Benchmarking
import Essentials

struct BenchData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Times reading embeddings, tokenizing captions and building batches.",
    discussion: """
      Makes a store of random embeddings and drawn scenes' captions in the temporary folder, and removes it.

      Example:
        capstan bench data --rows 20000 --json
      """)

  @Option(help: "Images of the store, each with a caption.")
  var rows = 120_000

  @OptionGroup var options: BenchOptions

  func run() throws {
    guard (1...10_000_000).contains(rows) else {
      throw Failure.usage("--rows is \(rows), but must be between 1 and 10000000; choose another number.")
    }
    var benchmark = DataBenchmark()
    benchmark.rows = rows
    try options.report { communicator, backend in
      guard communicator.size == 1 else {
        throw Failure.usage("bench data measures one process; start it without mpirun.")
      }
      return try benchmark.run(on: backend)
    }
  }
}
