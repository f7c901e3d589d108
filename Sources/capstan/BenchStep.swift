import ArgumentParser
import Benchmarking

struct BenchStep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Times training steps of ClipCap with GPT-2 124M.",
    discussion: """
      Random weights, captions of COCO's lengths, AdamW. Fine-tunes a GPT-2 behind an MLP, or with --frozen trains a
      transformer of 8 layers before a frozen GPT-2. The floor is the step's arithmetic at the speed of multiply-adds
      in registers, and the optimizer's traffic at the speed of memory, both measured first.

      Examples:
        capstan bench step
        capstan bench step --frozen --precision float32 --json
        mpirun -n 2 capstan bench step --threads 1
      """)

  @OptionGroup var step: BenchedStep

  @Option(help: "Steps; the first two are not counted.")
  var steps = 12

  @OptionGroup var options: BenchOptions

  func run() throws {
    try options.requirePositive(("batch", step.batch))
    var benchmark = StepBenchmark()
    benchmark.model.isFrozen = step.frozen
    benchmark.batchSize = step.batch
    benchmark.steps = steps
    try options.report { try benchmark.run($0, on: $1) }
  }
}
