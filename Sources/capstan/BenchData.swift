import ArgumentParser
import Benchmarking
import Support

struct BenchData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Times reading embeddings, tokenizing captions and building batches.",
    discussion: """
      Without --store it makes one of random embeddings and drawn scenes' captions in the temporary folder, and \
      removes it.

      Examples:
        capstan bench data --rows 20000 --json
        capstan bench data --store 'data/cc3m-*.h5' --window 100000
      """)

  @Option(help: "Images of the store that is made, each with a caption.")
  var rows = 120_000

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Embedding stores to read, the split train of them: paths or globs.", valueName: "file"),
    completion: .file())
  var store: [String] = []

  @Option(help: ArgumentHelp("Captions that are shuffled together. (default: all)", valueName: "captions"))
  var window: Int?

  @OptionGroup var options: BenchOptions

  func run() throws {
    guard (1...10_000_000).contains(rows) else {
      throw Failure.usage("--rows is \(rows), but must be between 1 and 10000000; choose another number.")
    }
    guard window ?? 1 > 0 else {
      throw Failure.usage("--window is \(window ?? 0), but must be at least 1; choose another number.")
    }
    var benchmark = DataBenchmark()
    (benchmark.rows, benchmark.files, benchmark.window) = (rows, store, window)
    try options.report { communicator, backend in
      try communicator.agree {
        guard communicator.size == 1 else {
          throw Failure.usage(
            "bench data measures one process, but \(communicator.size) were started; start it without mpirun."
          )
        }
      }
      return try benchmark.run(on: backend)
    }
  }
}
