import ArgumentParser
import Benchmarking

struct BenchStep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Times training steps of ClipCap with GPT-2 124M.",
    discussion: """
      Random weights, captions of COCO's lengths, AdamW. Fine-tunes a GPT-2 behind an MLP, or with --frozen trains a \
      transformer of 8 layers before a frozen GPT-2, or with --language-model trains a GPT-2 alone. The floor is \
      the step's arithmetic at the speed of multiply-adds in registers, and the optimizer's traffic at the speed of \
      memory, both measured first. Steps during which another tenant of the machine was on the cores are told apart as \
      busy.

      Examples:
        capstan bench step
        capstan bench step --frozen --precision float32 --json
        capstan bench step --language-model
        mpirun -n 2 capstan bench step --threads 1
      """)

  @OptionGroup var step: BenchedStep

  @Option(help: "Steps; the first two are not counted.")
  var steps = 12

  @OptionGroup var progress: ProgressOption

  @OptionGroup var options: BenchOptions

  func run() throws {
    var benchmark = StepBenchmark()
    benchmark.model = try step.model()
    (benchmark.batchSize, benchmark.tokens, benchmark.lanes) = try step.shape(options)
    benchmark.steps = steps
    try options.report { try benchmark.run($0, on: $1, progress: progress.printing($0)) }
  }
}
