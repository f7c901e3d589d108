import Models
import Testing

@testable import Benchmarking

/// Counted by hand for two captions of 6 and 8 tokens, behind a prefix of 10: sequences of 15 and 17 rows.
@Suite struct StepWorkTests {
  private let size = GPT2Configuration(vocabularySize: 100, positions: 64, width: 16, layers: 2, heads: 2)

  @Test func fineTuning() {
    let work = StepWork(
      BenchmarkModel(languageModel: size, embeddingWidth: 4), lengths: [6, 8], trainedParameters: 1000)
    let blocks = 3 * 2 * 2 * 32 * (16 * 48 + 16 * 16 + 16 * 64 + 64 * 16)
    let vocabulary = 3 * 2 * 14 * 16 * 100
    // The first layer's input, the embedding, needs no gradient.
    let mapper = 2 * 2 * 2 * 4 * 80 + 3 * 2 * 2 * 80 * 160
    let pairs = 15 * 16 / 2 + 17 * 18 / 2
    let attention = 3 * 2 * 4 * 16 * pairs
    #expect(work.operations == Double(blocks + vocabulary + mapper + attention))
    #expect(work.optimizerBytes(.float32) == 28_000)
    #expect(work.optimizerBytes(.bfloat16) == 32_000)
  }

  @Test func frozen() {
    let work = StepWork(
      BenchmarkModel(.frozen, languageModel: size, embeddingWidth: 4), lengths: [6, 8],
      trainedParameters: 1000)
    let blocks = 2 * 2 * 2 * 32 * (16 * 48 + 16 * 16 + 16 * 64 + 64 * 16)
    let vocabulary = 2 * 2 * 14 * 16 * 100
    let mapper = 2 * 2 * 2 * 4 * 160 + 3 * 8 * 2 * 40 * (16 * 16 + 16 * 32 + 16 * 16 + 16 * 32 + 32 * 16)
    let pairs = 2 * (15 * 16 / 2 + 17 * 18 / 2) + 8 * 2 * 20 * 20
    #expect(work.operations == Double(blocks + vocabulary + mapper + 3 * 4 * 16 * pairs))
  }

  @Test func languageModelAlone() {
    let work = StepWork(
      BenchmarkModel(.languageModel, languageModel: size), lengths: [6, 8], trainedParameters: 1000)
    // A start token stands before each, and the last token does not enter.
    let blocks = 3 * 2 * 2 * 14 * (16 * 48 + 16 * 16 + 16 * 64 + 64 * 16)
    let vocabulary = 3 * 2 * 14 * 16 * 100
    let pairs = 2 * (6 * 7 / 2 + 8 * 9 / 2)
    #expect(work.operations == Double(blocks + vocabulary + 3 * 4 * 16 * pairs))
  }
}
