import Models
import Tensors
import Testing

@testable import Captioning

@Suite struct DecodingBatchTests {
  /// Sequences fork, change places and leave, and every step's logits are those of a whole forward pass.
  @Test(arguments: [false, true]) func cacheChangesNothing(transformer: Bool) throws {
    let tiny = try TinyCaptioner(transformer: transformer)
    let batch = tiny.batch(0..<5)
    var captions: [(image: Int, tokens: [Int32])] = (0..<5).map { ($0, []) }
    for (token, parents) in [[0, 1, 1, 1, 2, 4], [5, 2, 1, 1, 0], [3, 0], [1, 0, 1], [2, 2]].enumerated() {
      batch.advance(parents.enumerated().map { Continuation(parent: $1, token: Int32(($0 + token) % 11)) })
      captions = parents.enumerated().map { child, parent in
        (captions[parent].image, captions[parent].tokens + [Int32((child + token) % 11)])
      }
      #expect(batch.sequences == captions.count)
      for (row, caption) in captions.enumerated() {
        for (cached, whole) in zip(
          batch.mapLogits { _, logits in Array(logits) }[row],
          tiny.logits(image: caption.image, after: caption.tokens))
        {
          #expect(abs(cached - whole) < 1e-4)
        }
      }
    }
  }

  /// At the first token, and at a later one.
  @Test(arguments: [true, false]) func infinitePredictionsAreNamed(first: Bool) throws {
    let methods: [any DecodingMethod] = [GreedyDecoding(), NucleusSampling(), BeamSearch(beams: 2)]
    for method in methods {
      let tiny = try TinyCaptioner()
      func firstNonFinite(_ embeddings: Matrix) -> Int? {
        let batch = DecodingBatch(tiny.model, embeddings: embeddings, on: tiny.backend)
        _ = method.captions(of: ["a", "b", "c"], batch, until: StopCondition(tokens: [], maxTokens: 5))
        return batch.firstNonFinite
      }
      let embeddings = tiny.embeddings(0..<3)
      #expect(firstNonFinite(embeddings) == nil)
      if first {
        for i in 0..<embeddings.columns { embeddings.row(1)[i] = .nan }
      } else {
        // Of the third token.
        tiny.positions.value.row(tiny.model.prefixLength + 2).pointee = .nan
      }
      #expect(firstNonFinite(embeddings) == (first ? 1 : 0))
    }
  }
}
