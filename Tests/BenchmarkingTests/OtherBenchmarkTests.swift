import Collectives
import Models
import Tensors
import Testing

@testable import Benchmarking

@Suite struct OtherBenchmarkTests {
  private let model = BenchmarkModel(
    languageModel: GPT2Configuration(vocabularySize: 64, positions: 48, width: 16, layers: 1, heads: 2),
    embeddingWidth: 8)

  @Test func productsOfTheStep() throws {
    var benchmark = MatmulBenchmark()
    benchmark.model = model
    benchmark.batchSize = 8
    benchmark.runs = 1
    let report = try benchmark.run(.alone, on: try Backend(threads: 1, precision: .bfloat16))
    // Seven products in three forms, of which the mapper's first needs no gradient of its input.
    #expect(report.products.count == 20)
    #expect(report.products.allSatisfy { $0.gigaflops > 0 })
    #expect(report.table.rows.count == 21)
  }

  @Test func decoding() throws {
    var benchmark = DecodingBenchmark()
    benchmark.model = model
    (benchmark.images, benchmark.beams, benchmark.tokens) = (3, 2, 4)
    let report = try benchmark.run(.alone, on: try Backend(threads: 1))
    #expect(report.imagesPerSecond > 0)
  }

  @Test func data() throws {
    var benchmark = DataBenchmark()
    (benchmark.rows, benchmark.batches) = (50, 2)
    let report = try benchmark.run(on: try Backend(threads: 1))
    #expect(report.rowsPerSecond > 0 && report.tokenizedCaptionsPerSecond > 0)
    #expect(report.batchedCaptionsPerSecond > 0)
  }

  @Test func collectivesOfOneRank() throws {
    var benchmark = CollectivesBenchmark()
    benchmark.megabytes = 1
    #expect(benchmark.run(.alone, on: try Backend(threads: 1)).ranks == 1)
  }
}
