import Configuration
import Models
import Tensors
import Testing

@testable import Benchmarking
@testable import Training

@Suite struct MemoryEstimateTests {
  /// So small that it takes milliseconds, so deep that blocks are most of it.
  private func plan(frozen: Bool, checkpointing: Bool) throws -> MemoryPlan {
    var configuration = BenchmarkModel(frozen ? .frozen : .finetuned).configuration
    configuration.model.clipCap.mapper.prefixLength = 4
    configuration.model.clipCap.mapper.heads = 2
    configuration.model.clipCap.mapper.layers = 6
    configuration.train.activationCheckpointing = checkpointing
    return MemoryPlan(
      configuration,
      try configuration.model.clipCap.configuration(
        with: GPT2Configuration(vocabularySize: 2000, positions: 32, width: 128, layers: 6, heads: 2),
        embeddingWidth: 16),
      embeddingWidth: 16, lengths: (0..<40).map { 8 + $0 % 5 })
  }

  @Test(
    arguments: [(false, false), (false, true), (true, false), (true, true)], [Precision.float32, .bfloat16])
  func aPassTakesWhatIsPredicted(of: (frozen: Bool, checkpointing: Bool), precision: Precision) throws {
    let backend = try Backend(threads: 1, precision: precision, memory: MemoryPool(isGuarded: false))
    let (frozen, checkpointing) = of
    var benchmark = MemoryBenchmark(try plan(frozen: frozen, checkpointing: checkpointing))
    benchmark.isMeasured = true
    let predicted = Double(try benchmark.run(.alone, on: backend).predicted.pass)
    let pooled = Double(backend.memory.allocatedBytes)
    #expect(abs(predicted / pooled - 1) < 0.02, "\(predicted) of \(pooled) bytes")
  }

  /// The published GPT-2 with a prefix of 10 has 155.9 M parameters: values, gradients and two moments are 16 bytes
  /// each.
  @Test func parametersAreCounted() throws {
    let estimate = try MemoryBenchmark(BenchmarkModel(), batchSize: 40).plan
      .memory(precision: .float32, ranks: 1, ranksPerNode: 1, threads: 1)
    let parameters = 124_439_808 + 512 * 3840 + 3840 + 3840 * 7680 + 7680
    #expect(estimate.weights == 4 * parameters && estimate.gradients == 4 * parameters)
    #expect(estimate.moments == 8 * parameters && estimate.packedWeights == 0)
  }

  @Test func ranksOfAMachineShare() throws {
    let plan = try MemoryBenchmark(BenchmarkModel(), batchSize: 40).plan
    let one = try plan.memory(precision: .bfloat16, ranks: 1, ranksPerNode: 1, threads: 1)
    let four = try plan.memory(precision: .bfloat16, ranks: 4, ranksPerNode: 4, threads: 1)
    #expect(four.weights == one.weights / 4 && four.moments == one.moments / 4)
    #expect(abs(four.packedWeights - one.packedWeights / 4) < 64 && four.gradients == one.gradients)
    #expect(four.activations < one.activations / 3)
  }

  @Test func aBatchDrawnIsLongerThanTheMean() {
    let lengths = (0..<1000).map { 5 + $0 % 11 }
    let drawn = Configuration.longBatch(ofCaptions: 40, drawnFrom: lengths)
    #expect(drawn.reduce(0, +) == 460 && drawn.count == 40 && drawn.max() == 15)
    #expect(Configuration.longBatch(ofCaptions: 1, drawnFrom: [3, 9, 6]) == [9])
    #expect(
      Configuration.longBatch(ofCaptions: 40, drawnFrom: [7, 7, 7]) == Array(repeating: 7, count: 40))
  }
}
