import Foundation
import Support
import Testing

@testable import Runs

/// Files whose keys are in camel case, as they were, are read as if they were in snake case.
@Suite struct FormerKeysTests {
  private static let languageModel = """
    {"layer_norm_epsilon":1e-05,"n_embd":16,"n_head":2,"n_layer":1,"n_positions":48,"vocab_size":270}
    """
  private static let fingerprint = String(repeating: "0a", count: 32)

  @Test func stateOfARun() throws {
    let former = """
      {"bestCIDEr":0.5,"bestLoss":2,"bestStep":4,"identity":{"batchSize":8,"captionTexts":"\(Self.fingerprint)",
      "embeddings":{"encoder":"toy","normalized":false,"width":6},"lanes":2,"languageModel":\(Self.languageModel),
      "mapperHeads":4,"precision":"float32","roundingNodes":2,"seed":5,"shuffleWindow":9,
      "tokenizer":"\(Self.fingerprint)"},"isFinished":true,"numerics":{"losses":{"count":3,"mean":5.5,"variance":0.25},
      "nonFiniteInARow":1,"skipped":2},"step":7,"validatedStep":6,"validationsSinceBest":3}
      """
    let read = try JSON.decoder(renaming: RunState.formerKeys).decode(RunState.self, from: Data(former.utf8))
    #expect(read.step == 7 && read.bestCIDEr == 0.5 && read.bestLoss == 2 && read.bestStep == 4)
    #expect(read.isFinished && read.validatedStep == 6 && read.validationsSinceBest == 3)
    #expect(read.numerics?.nonFiniteInARow == 1 && read.numerics?.losses.count == 3)
    let identity = read.identity
    #expect(identity.batchSize == 8 && identity.roundingNodes == 2 && identity.shuffleWindow == 9)
    #expect(identity.captionTexts?.description == Self.fingerprint && identity.model.vocabularySize == 270)

    let written = try JSON.encoder().encode(read)
    let text = String(decoding: written, as: UTF8.self)
    for key in ["best_cider", "validations_since_best", "non_finite_in_a_row", "batch_size", "n_embd"] {
      #expect(text.contains("\"\(key)\":"), "\(key)")
    }
    #expect(!text.contains(/"[a-z]+[A-Z]\w*":/))
    #expect(
      try JSON.decoder(renaming: RunState.formerKeys).decode(RunState.self, from: written) == read)
  }

  @Test func descriptionOfAModel() throws {
    let former = """
      {"embeddings":{"encoder":"toy","normalized":false,"width":6},"endToken":true,"normalizesEmbeddings":true,
      "origin":"a/b","sizes":{"embeddingWidth":6,"languageModel":\(Self.languageModel),
      "mapper":{"transformer":{"clipLength":3,"heads":4,"layers":2,"prefixLength":5}}},"step":1,
      "tokenizer":"\(Self.fingerprint)"}
      """
    let read = try #require(ModelDescription(metadata: ["capstan": former]))
    #expect(read.normalizesEmbeddings && read.endToken && read.model.maxCaptionTokens == 48 - 5 + 1)
    let metadata = try read.metadata()
    #expect(metadata["capstan"]?.contains(/"[a-z]+[A-Z]\w*":/) == false)
    #expect(ModelDescription(metadata: metadata) == read)
  }
}
