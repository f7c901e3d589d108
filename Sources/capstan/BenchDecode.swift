import ArgumentParser
import Benchmarking

struct BenchDecode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Times beam search with GPT-2 124M.",
    discussion: """
      Random weights and embeddings; no token ends a caption, so that all have the same length.

      Examples:
        capstan bench decode --images 320
        mpirun -n 2 capstan bench decode --threads 1 --json
      """)

  @Option(help: "Images, over all ranks.")
  var images = 96

  @Option(help: "Beam width.")
  var beams = 5

  @Option(help: "Tokens of each caption.")
  var tokens = 20

  @OptionGroup var progress: ProgressOption

  @OptionGroup var options: BenchOptions

  func run() throws {
    try options.requirePositive(("images", images), ("beams", beams), ("tokens", tokens))
    var benchmark = DecodingBenchmark()
    benchmark.images = images
    benchmark.beams = beams
    benchmark.tokens = tokens
    try options.report { try benchmark.run($0, on: $1, progress: progress.printing($0)) }
  }
}
