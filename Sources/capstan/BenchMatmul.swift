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

  @Flag(help: "The shapes of a step that trains a transformer mapper alone.")
  var frozen = false

  @Option(help: "Captions of the step.")
  var batch = 40

  @OptionGroup var options: BenchOptions

  func run() throws {
    try options.requirePositive(("batch", batch))
    var benchmark = MatmulBenchmark()
    benchmark.model.isFrozen = frozen
    benchmark.batchSize = batch
    try options.report { benchmark.run($0, on: $1) }
  }
}
