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
      batch.advance(parents.enumerated().map { Successor(parent: $1, token: Int32(($0 + token) % 11)) })
      captions = parents.enumerated().map { child, parent in
        (captions[parent].image, captions[parent].tokens + [Int32((child + token) % 11)])
      }
      #expect(batch.sequences == captions.count)
      for (row, caption) in captions.enumerated() {
        for (cached, whole) in zip(
          batch.map { _, logits in Array(logits) }[row],
          tiny.logits(image: caption.image, after: caption.tokens))
        {
          #expect(abs(cached - whole) < 1e-4)
        }
      }
    }
  }

  @Test func largestAreInOrder() {
    func places(_ count: Int, of values: [Float]) -> [Int] {
      var values = values
      return values.withUnsafeMutableBufferPointer { largest(count, of: $0) }
    }
    #expect(places(3, of: [1, 5, 5, 9, -.infinity, 2]) == [3, 1, 2])
    #expect(places(1, of: [2, 7, 7]) == [1])
    #expect(places(9, of: [2, 7]) == [1, 0])
    #expect(places(2, of: []).isEmpty)
    #expect(places(2, of: [.nan, .nan, .nan]).count == 2)
    var random = CounterRandom(seed: 4, stream: 1)
    let many = (0..<3000).map { _ in Float(random.normal()) }
    #expect(places(20, of: many) == Array(many.indices.sorted { many[$0] > many[$1] }.prefix(20)))
  }

  @Test func infinitePredictionsAreNamed() throws {
    let tiny = try TinyCaptioner()
    #expect(tiny.batch(0..<3).firstWithoutPrediction == nil)
    let huge = tiny.embeddings(0..<3)
    for i in 0..<huge.columns { huge.row(1)[i] = .nan }
    let batch = DecodingBatch(tiny.model, embeddings: huge, maxTokens: 4, on: tiny.backend)
    #expect(batch.firstWithoutPrediction == 1)
  }
}
