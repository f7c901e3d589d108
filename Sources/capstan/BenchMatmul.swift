import ArgumentParser
import Benchmarking

struct BenchMatmul: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matmul",
    abstract: "Times the products of a training step, in the three forms that training needs.",
    discussion: """
      Examples:
        capstan bench matmul
        capstan bench matmul --frozen --threads 1
      """)

  @OptionGroup var step: BenchedStep

  @OptionGroup var options: BenchOptions

  func run() throws {
    var benchmark = MatmulBenchmark()
    benchmark.model = try step.model()
    (benchmark.batchSize, benchmark.tokens, benchmark.lanes) = try step.shape(options)
    try options.report { try benchmark.run($0, on: $1) }
  }
}
