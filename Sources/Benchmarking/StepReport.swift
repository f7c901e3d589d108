import Support
import Tensors

/// What a training step takes, and how far that is from what the machine allows.
public struct StepReport: BenchmarkReport {
  /// Of the language model: whether it is not trained.
  public let frozen: Bool
  /// Whether it is trained alone, without images.
  public let languageModelAlone: Bool
  /// Of products.
  public let precision: Precision
  public let batchSize: Int
  public let ranks: Int
  /// Of each rank.
  public let threads: Int
  public let instructionSet: String
  /// Seconds of the counted steps.
  public let secondsPerStep: Timing
  /// Median seconds of each part of a step.
  public let phaseSeconds: [String: Double]
  public let captionsPerSecond: Double
  public let tokensPerSecond: Double
  /// Target tokens of a step, on average.
  public let tokensPerStep: Int
  /// Floating-point operations of a step, on average, as ``StepWork`` counts them.
  public let operationsPerStep: Double
  public let teraflops: Double
  /// Of the measured peak of all threads.
  public let fractionOfPeak: Double?
  public let optimizerBytes: Double
  /// Operations at the measured peak, then the optimizer's bytes at the measured triad.
  public let floorSeconds: Double?
  /// How many times the floor the median step takes.
  public let ratioToFloor: Double?
  public let machinePeak: MachinePeak
  /// Of each rank.
  public let peakResidentBytes: [Int]
  /// Of the machine, over the minute before the benchmark.
  public let loadAverage: Double?

  init(
    model: BenchmarkModel.Kind, precision: Precision, batchSize: Int, ranks: Int, threads: Int,
    instructionSet: String,
    timing: Timing, phases: [String: Double], tokens: Int, operations: Double, optimizerBytes: Double,
    peak: MachinePeak, peakResidentBytes: [Int], loadAverage: Double?
  ) {
    frozen = model == .frozen
    languageModelAlone = model == .languageModel
    self.precision = precision
    self.batchSize = batchSize
    self.ranks = ranks
    self.threads = threads
    self.instructionSet = instructionSet
    secondsPerStep = timing
    phaseSeconds = phases
    captionsPerSecond = Double(batchSize) / timing.median
    tokensPerStep = tokens
    tokensPerSecond = Double(tokens) / timing.median
    operationsPerStep = operations
    teraflops = operations / timing.median / 1e12
    let speed = peak.arithmetic(precision)
    fractionOfPeak = speed.map { operations / timing.median / ($0 * 1e9) }
    self.optimizerBytes = optimizerBytes
    floorSeconds = speed.map { operations / ($0 * 1e9) + optimizerBytes / (peak.memory.allThreads * 1e9) }
    ratioToFloor = floorSeconds.map { timing.median / $0 }
    machinePeak = peak
    self.peakResidentBytes = peakResidentBytes
    self.loadAverage = loadAverage
  }

  public var table: TextTable {
    let phases = phaseSeconds.sorted { $0.value > $1.value }
    return TextTable(
      facts: [
        (
          "model",
          frozen ? "transformer + frozen GPT-2" : languageModelAlone ? "GPT-2" : "MLP + GPT-2", ""
        ),
        ("world", "\(ranks) × \(threads)", "ranks × threads"),
        ("precision", precision.rawValue, instructionSet),
        ("median", decimal(secondsPerStep.median, 3), "s/step"),
        ("best", decimal(secondsPerStep.best, 3), "s/step"),
      ]
        + secondsPerStep.facts("s/step") { decimal($0, 3) }
        + phases.map { ("  " + $0.key, decimal($0.value, 3), "s") }
        + [
          ("captions", decimal(captionsPerSecond, 1), "captions/s"),
          ("tokens", decimal(tokensPerSecond, 0), "targets/s, \(tokensPerStep) a step"),
          ("arithmetic", decimal(operationsPerStep / 1e12, 3), "TFLOP/step"),
          ("speed", decimal(teraflops, 3), "TFLOP/s"),
          ("of the peak", decimal(fractionOfPeak.map { 100 * $0 }, 1), "%"),
          ("optimizer", decimal(optimizerBytes / 1e9, 2), "GB/step"),
          ("floor", decimal(floorSeconds, 3), "s/step"),
          ("over the floor", decimal(ratioToFloor, 2), "×"),
          ("peak memory", decimal(Double(peakResidentBytes.max() ?? 0) / 0x1p30, 2), "GiB/rank"),
          ("load before", decimal(loadAverage, 2), "should be 0"),
        ]
        + machinePeak.facts)
  }
}

extension MachinePeak {
  var facts: [(name: String, value: String, unit: String)] {
    [("float32", float32, "GFLOP/s"), ("bfloat16", bfloat16, "GFLOP/s"), ("triad", memory, "GB/s")].map {
      let speeds = "\(decimal($0.1?.oneThread, 0)), \(decimal($0.1?.allThreads, 0))"
      return ("peak " + $0.0, speeds, $0.2 + " one thread, all")
    }
  }
}
