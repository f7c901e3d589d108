import Models
import Testing

@testable import Benchmarking

/// Counted by hand for two captions of 6 and 8 tokens, behind a prefix of 10: sequences of 15 and 17 rows.
@Suite struct StepWorkTests {
  private let size = GPT2Configuration(vocabularySize: 100, positions: 64, width: 16, layers: 2, heads: 2)

  @Test func fineTuning() throws {
    let work = try StepWork(BenchmarkModel(languageModel: size, embeddingWidth: 4), lengths: [6, 8])
    let blocks = 3 * 2 * 2 * 32 * (16 * 48 + 16 * 16 + 16 * 64 + 64 * 16)
    let vocabulary = 3 * 2 * 14 * 16 * 100
    // The first layer's input, the embedding, needs no gradient.
    let mapper = 2 * 2 * 2 * 4 * 80 + 3 * 2 * 2 * 80 * 160
    let pairs = 15 * 16 / 2 + 17 * 18 / 2
    let attention = 3 * 2 * 4 * 16 * pairs
    #expect(work.operations == Double(blocks + vocabulary + mapper + attention))
    let block = 2 * 32 + 16 * 48 + 48 + 16 * 16 + 16 + 16 * 64 + 64 + 64 * 16 + 16
    let trained = 2 * block + 32 + 100 * 16 + 64 * 16 + 4 * 80 + 80 + 80 * 160 + 160
    #expect(work.optimizerBytes(.float32) == Double(28 * trained))
    #expect(work.optimizerBytes(.bfloat16) == Double(32 * trained))
    let expected = [
      "clip_project.model.*", "clip_project.model.*", "gpt.transformer.h.*.attn.c_attn",
      "gpt.transformer.h.*.attn.c_proj", "gpt.transformer.h.*.mlp.c_fc", "gpt.transformer.h.*.mlp.c_proj",
      "gpt.transformer.wte",
    ]
    #expect(work.products.map(\.name) == expected)
    #expect(work.products.map(\.layers) == [1, 1, 2, 2, 2, 2, 1])
  }

  @Test func frozen() throws {
    let work = try StepWork(BenchmarkModel(.frozen, languageModel: size, embeddingWidth: 4), lengths: [6, 8])
    let blocks = 2 * 2 * 2 * 32 * (16 * 48 + 16 * 16 + 16 * 64 + 64 * 16)
    let vocabulary = 2 * 2 * 14 * 16 * 100
    let mapper = 2 * 2 * 2 * 4 * 160 + 3 * 8 * 2 * 40 * (16 * 16 + 16 * 32 + 16 * 16 + 16 * 32 + 32 * 16)
    let pairs = 2 * (15 * 16 / 2 + 17 * 18 / 2) + 8 * 2 * 20 * 20
    #expect(work.operations == Double(blocks + vocabulary + mapper + 3 * 4 * 16 * pairs))
  }

  @Test func languageModelAlone() throws {
    let work = try StepWork(BenchmarkModel(.languageModel, languageModel: size), lengths: [6, 8])
    // A start token stands before each, and the last token does not enter.
    let blocks = 3 * 2 * 2 * 14 * (16 * 48 + 16 * 16 + 16 * 64 + 64 * 16)
    let vocabulary = 3 * 2 * 14 * 16 * 100
    let pairs = 2 * (6 * 7 / 2 + 8 * 9 / 2)
    #expect(work.operations == Double(blocks + vocabulary + 3 * 4 * 16 * pairs))
  }

  /// What was counted from hand-written shapes, for 40 captions of 12 tokens before the published GPT-2.
  @Test(arguments: [
    (BenchmarkModel.Kind.finetuned, 547_645_440_000), (.frozen, 543_512_002_560),
    (.languageModel, 356_117_299_200),
  ])
  func thePublishedModel(kind: BenchmarkModel.Kind, operations: Double) throws {
    let work = try StepWork(BenchmarkModel(kind), lengths: Array(repeating: 12, count: 40))
    #expect(work.operations == operations)
  }
}
