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
    try options.requirePositive(("rows", rows))
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
