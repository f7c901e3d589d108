import Autograd
import Collectives
import Essentials
import Foundation
import Models
import Optimization
import Tensors

/// What training really takes: the model of a configuration with random weights, and some steps of it on captions
/// that nobody wrote.
public struct MemoryMeasurement: Codable, Equatable, Sendable {
  /// The most that was resident at a time (`VmHWM`), less what the process had before.
  public let resident: Int
  /// What the memory pool has from the system: activations, logits, working memory.
  public let pooled: Int

  /// - Parameter lengths: tokens of each caption of the batch, of which there are as many as `train.batch_size`.
  public init(
    _ configuration: Configuration, _ languageModel: GPT2Configuration, embeddingWidth: Int, lengths: [Int],
    steps: Int = 2, on backend: Backend
  ) throws {
    let communicator = Communicator.alone
    let base = Self.residentBytes("VmRSS")
    let memory = NodeMemory(communicator)
    let built = try configuration.buildModel(
      languageModel, embeddingWidth: embeddingWidth, startToken: 0, in: memory, on: backend)
    let options = configuration.optimizer
    let optimizer = AdamW(
      AdamW.Options(
        convention: options.convention, beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon,
        weightDecay: options.weightDecay), arena: built.arena, on: backend)
    built.arena.initialize(seed: 0)
    built.arena.pack(on: backend)
    let reduction = LineReduction(
      built.arena.blocks.map(\.range), of: built.arena.gradientLines, in: memory, communicator: communicator,
      on: backend)
    let pass = GradientPass(
      model: built.model, arena: built.arena,
      checkpointsActivations: configuration.train.activationCheckpointing, reduction: reduction,
      timeline: Timeline(), backend: backend)
    let batches = Self.batches(
      configuration, languageModel, embeddingWidth: embeddingWidth, lengths: lengths, on: backend)
    for step in 0..<steps {
      let rows = pass.run(batches, dropout: DropoutKey(seed: 0, step: UInt32(step))).rows
      reduction.finish()
      communicator.addRowGradients(rows, to: built.arena, reduction, on: backend)
      optimizer.update(step: step + 1, learningRate: 1e-6, gradientScale: 1)
    }
    resident = Self.residentBytes("VmHWM") - base
    pooled = backend.memory.allocatedBytes
  }

  private static func batches(
    _ configuration: Configuration, _ languageModel: GPT2Configuration, embeddingWidth: Int, lengths: [Int],
    on backend: Backend
  ) -> [CaptionBatch] {
    var random = CounterRandom(seed: 0, stream: "memory", "captions")
    let train = configuration.train
    let starts = (0...train.lanes).map { $0 * lengths.count / train.lanes }
    let portion = train.lanes / train.accumulate
    return stride(from: 0, to: train.lanes, by: portion).map { first in
      let samples = starts[first]..<starts[first + portion]
      let embeddings = backend.matrix(samples.count, embeddingWidth)
      for i in 0..<embeddings.count { embeddings.pointer[i] = Float(random.normal()) }
      return CaptionBatch(
        embeddings: configuration.model.mapper.kind == .none ? nil : embeddings,
        captions: samples.map { sample in
          (0..<lengths[sample]).map { _ in
            Int32.random(in: 0..<Int32(languageModel.vocabularySize), using: &random)
          }
        },
        laneSizes: (first..<first + portion).map { starts[$0 + 1] - starts[$0] },
        firstSample: samples.lowerBound, normalizer: Double(lengths.reduce(0, +)))
    }
  }

  private static func residentBytes(_ key: String) -> Int {
    SystemFile("/proc/self/status").bytes(of: key) ?? 0
  }
}
