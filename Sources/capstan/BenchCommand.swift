import ArgumentParser
import Benchmarking
import Collectives
import Essentials
import Tensors
import Training

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures the parts of Capstan against what the machine can do.",
    discussion: """
      Prints medians, as a table or with --json as one object, whose keys docs/benchmarks.md explains. Let nothing else
      run meanwhile. Nothing is read, and nothing is left behind.
      """,
    subcommands: [
      BenchStep.self, BenchMatmul.self, BenchDecode.self, BenchCollectives.self, BenchData.self,
      BenchMemory.self,
    ]
  )
}

/// Which training step is measured.
struct BenchedStep: ParsableArguments {
  @Flag(help: "A step that trains a transformer mapper alone, before a frozen language model.")
  var frozen = false

  @Option(help: "Captions of the step, over all ranks.")
  var batch = 40
}

/// What all benchmarks have in common.
struct BenchOptions: ParsableArguments {
  @Option(help: "Threads of each rank. (default: the cores it may use, divided by the ranks beside it)")
  var threads: Int?

  @Option(
    help: "Of matrix products: float32, bfloat16, or auto for bfloat16 where the processor has instructions.")
  var precision = PrecisionChoice.auto

  @Flag(help: "Print a JSON object.")
  var json = false

  /// Runs a benchmark on all ranks; the first prints what it found.
  /// - Parameter precision: what `auto` leaves to something else than the processor.
  func report(
    automatically precision: PrecisionChoice = .auto,
    _ run: (Communicator, Backend) throws -> some BenchmarkReport
  ) throws {
    try requirePositive(("threads", threads ?? 1))
    try onAllRanks { communicator in
      let backend = try Backend(
        threads: threads ?? threadsPerRank(communicator),
        precision: (self.precision == .auto ? precision : self.precision).precision)
      let report = try run(communicator, backend)
      if communicator.isRoot { print(json ? try report.json : report.table.description) }
    }
  }

  func requirePositive(_ options: (name: String, value: Int)...) throws {
    for (name, value) in options where value < 1 {
      throw Failure.usage("--\(name) is \(value), but must be at least 1; choose another number.")
    }
  }
}
