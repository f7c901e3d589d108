import Collectives
import Foundation
import Models
import Tensors
import Testing

@testable import Benchmarking

@Suite struct StepBenchmarkTests {
  private func benchmark(_ kind: BenchmarkModel.Kind) -> StepBenchmark {
    var benchmark = StepBenchmark()
    benchmark.model = BenchmarkModel(
      kind,
      languageModel: GPT2Configuration(vocabularySize: 64, positions: 48, width: 16, layers: 1, heads: 2),
      embeddingWidth: 8)
    benchmark.batchSize = 8
    benchmark.steps = 3
    return benchmark
  }

  @Test(arguments: [BenchmarkModel.Kind.finetuned, .frozen, .languageModel])
  func reportsWhatItsDocumentationSays(kind: BenchmarkModel.Kind) throws {
    let backend = try Backend(threads: 1, precision: .bfloat16)
    var done: [Int] = []
    let report = try benchmark(kind).run(.alone, on: backend) { done.append($0.items) }
    #expect(done == [8, 8, 8])
    #expect(report.table.description.contains("captions/s"))
    let object = try JSONSerialization.jsonObject(with: Data(try report.json.utf8)) as? [String: Any]
    let json = try #require(object)
    #expect(json["frozen"] as? Bool == (kind == .frozen))
    #expect(json["language_model_alone"] as? Bool == (kind == .languageModel))
    #expect(json["precision"] as? String == "bfloat16")
    let timing = try #require(json["seconds_per_step"] as? [String: Any])
    #expect(timing["count"] as? Int == 1)
    // One step is either.
    #expect((timing["calm"] == nil) != (timing["busy"] == nil))
    let numbers = [
      "captions_per_second", "tokens_per_step", "operations_per_step", "teraflops", "optimizer_bytes",
    ]
    for key in numbers { #expect((json[key] as? Double ?? 0) > 0, "\(key)") }
    #expect((json["phase_seconds"] as? [String: Double])?.keys.contains("gradients") == true)
    #expect(json["machine_peak"] is [String: Any])
    #expect((json["peak_resident_bytes"] as? [Int])?.count == 1)
  }

  @Test func refusesWhatCannotBe() throws {
    let backend = try Backend(threads: 1)
    var tooShort = benchmark(.finetuned)
    tooShort.steps = 2
    #expect(throws: CollectiveFailure.self) { try tooShort.run(.alone, on: backend) }
    var tooSmall = benchmark(.finetuned)
    tooSmall.batchSize = 7
    #expect(throws: CollectiveFailure.self) { try tooSmall.run(.alone, on: backend) }
    var tooLong = benchmark(.languageModel)
    tooLong.tokens = 49
    #expect(throws: CollectiveFailure.self) { try tooLong.run(.alone, on: backend) }
    var unbalanced = benchmark(.finetuned)
    unbalanced.lanes = 3
    #expect(throws: CollectiveFailure.self) { try unbalanced.run(.alone, on: backend) }
  }

  @Test func captionsHaveTheSameContentInAnyShareOfLanes() throws {
    let backend = try Backend(threads: 1)
    let captions = SyntheticCaptions(
      batchSize: 12, lanes: 4, embeddingWidth: 3, vocabularySize: 50, seed: 1)
    let whole = captions.batch(lengths: captions.lengths(step: 5), step: 5, lanes: 0..<4, on: backend)
    let part = captions.batch(lengths: captions.lengths(step: 5), step: 5, lanes: 2..<4, on: backend)
    #expect(part.captions == Array(whole.captions[6...]))
    #expect(part.embeddings?.elements == whole.embeddings.map { Array($0.elements[18...]) })
    #expect(part.firstSample == 6)
    #expect(whole.captions.map(\.count) == captions.lengths(step: 5))
    #expect(whole.captions.allSatisfy { (6...38).contains($0.count) })
  }
}
