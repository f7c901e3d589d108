import ArgumentParser
import Benchmarking
import Configuration
import Models
import Support
import Training

struct BenchMemory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory",
    abstract: "Predicts how much memory each rank of a run needs.",
    discussion: """
      For a configuration, whose files are read, or without one for ClipCap with a GPT-2 that the options describe. With \
      --measure two steps are run with random weights, and the measurement is printed beside the prediction.

      Examples:
        capstan bench memory configs/coco-mlp-finetune.yaml
        capstan bench memory --size gpt2-large --activation-checkpointing --ranks 4
        capstan bench memory --frozen --measure --json
      """)

  @Argument(help: "A configuration, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Overrides a key of the configuration.", valueName: "key=value"))
  var overrides: [String] = []

  @Flag(help: "With a configuration: a batch of its longest captions instead of all kinds.")
  var longest = false

  @Flag(help: "Without a configuration: a transformer mapper before a frozen language model.")
  var frozen = false

  @Option(help: "Without a configuration: gpt2, gpt2-medium, gpt2-large or gpt2-xl.")
  var size = "gpt2"

  @Option(help: "Without a configuration: captions of a step, over all ranks.")
  var batch = 40

  @Flag(help: "Without a configuration: whether blocks are run again in backward.")
  var activationCheckpointing = false

  @Option(help: "Ranks to predict for, all on one machine. (default: those that are running)")
  var ranks: Int?

  @Flag(help: "Run two steps and measure.")
  var measure = false

  @OptionGroup var options: BenchOptions

  func run() throws {
    try options.requirePositive(("batch", batch), ("ranks", ranks ?? 1))
    let configuration = try config.map { try Configuration(contentsOf: $0, overrides: overrides) }
    try options.report(automatically: configuration?.train.precision ?? .auto) { communicator, backend in
      var benchmark: MemoryBenchmark
      if let configuration {
        benchmark = MemoryBenchmark(
          try MemoryPlan(configuration, longest: longest, communicator: communicator, on: backend))
      } else {
        guard let published = GPT2Configuration.published[size] else {
          throw Failure.usage(
            "--size is “\(size)”, but must be one of \(GPT2Configuration.published.keys.sorted().joined(separator: ", "))."
          )
        }
        let languageModel = GPT2Configuration(
          width: published.width, layers: published.layers, heads: published.heads)
        benchmark = try MemoryBenchmark(
          BenchmarkModel(frozen ? .frozen : .finetuned, languageModel: languageModel), batchSize: batch)
        benchmark.plan.configuration.train.activationCheckpointing = activationCheckpointing
      }
      benchmark.isMeasured = measure
      return try benchmark.run(ranks: ranks, communicator, on: backend)
    }
  }
}
