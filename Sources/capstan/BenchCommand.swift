import ArgumentParser
import Benchmarking
import Collectives
import Configuration
import Foundation
import Support
import Tensors
import Training

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Benchmarks the parts of Capstan against the machine's peak.",
    discussion: """
      Prints medians, as a table or with --json as one object, whose keys docs/benchmarks.md explains. Let nothing else \
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

  @Flag(help: "A step that trains a language model alone: llm.c's benchmark, 4 sequences of 64 tokens.")
  var languageModel = false

  @Option(help: "Captions of the step, over all ranks. (default: 40; 4 with --language-model)")
  var batch: Int?

  @Option(help: "Tokens of each caption. (default: those of COCO's lengths; 64 with --language-model)")
  var tokens: Int?

  @Option(
    help: "Lanes of the batch, whose sums are added in a fixed tree. (default: 8; 4 with --language-model)")
  var lanes: Int?

  /// - Throws: `Failure.usage` for flags that exclude each other.
  func model() throws -> BenchmarkModel {
    guard !frozen || !languageModel else {
      throw Failure.usage("--frozen and --language-model are two different steps; name one of them.")
    }
    return BenchmarkModel(frozen ? .frozen : languageModel ? .languageModel : .finetuned)
  }

  /// Captions, tokens of each, lanes.
  /// - Throws: `Failure.usage` for what is not positive.
  func shape(_ options: BenchOptions) throws -> (batch: Int, tokens: Int?, lanes: Int) {
    try options.requirePositive(("batch", batch ?? 1), ("tokens", tokens ?? 1), ("lanes", lanes ?? 1))
    return (
      batch ?? (languageModel ? 4 : 40), tokens ?? (languageModel ? 64 : nil),
      lanes ?? (languageModel ? 4 : 8)
    )
  }
}

/// Whether a benchmark tells how far it is.
struct ProgressOption: ParsableArguments {
  @Flag(help: "Print a JSON object a line for each piece of the work, as soon as it is done.")
  var progress = false

  /// Prints what is done, where that is wanted and by the first rank.
  func printing(_ communicator: Communicator) -> (BenchmarkProgress) -> Void {
    { [isWanted = progress && communicator.isRoot] in
      guard isWanted else { return }
      print("{\"items\": \($0.items), \"seconds\": \($0.seconds)}")
      fflush(nil)
    }
  }
}

/// What all benchmarks have in common.
struct BenchOptions: ParsableArguments {
  @Option(help: "Threads of each rank. (default: the cores it may use, divided by the ranks beside it)")
  var threads: Int?

  @Option(
    help: "Precision of matrix products: float32, bfloat16, or auto for bfloat16 where it is faster.")
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
        precision: PrecisionDecision(self.precision == .auto ? precision : self.precision, communicator)
          .precision)
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
