import Testing

@testable import Captioning

@Suite struct GreedyDecodingTests {
  private static let end = StopCondition(tokens: [3, 7], maxTokens: 8)
  private static let ids = (0..<12).map(String.init)

  @Test func takesTheLikeliestUntilTheEnd() throws {
    let tiny = try TinyCaptioner(seed: 2)
    let captions = GreedyDecoding().captions(of: Self.ids, tiny.batch(0..<12), until: Self.end)
    for (image, caption) in captions.enumerated() {
      var expected: [Int32] = []
      repeat {
        let logits = tiny.logits(image: image, after: expected)
        expected.append(Int32(logits.indices.max { logits[$0] < logits[$1] } ?? 0))
      } while expected.count < 8 && !Self.end.tokens.contains(expected[expected.count - 1])
      #expect(caption == expected)
    }
    #expect(Set(captions.map(\.count)).count > 2, "captions of several lengths, or little was tested")
  }

  @Test func isABeamOfOne() throws {
    let tiny = try TinyCaptioner(seed: 2)
    let greedy = GreedyDecoding().captions(of: Self.ids, tiny.batch(0..<12), until: Self.end)
    for scoring in [BeamSearch.Scoring.meanLogProbability, .lengthNormalized(exponent: 0.7)] {
      let search = BeamSearch(beams: 1, scoring: scoring)
      #expect(search.captions(of: Self.ids, tiny.batch(0..<12), until: Self.end) == greedy)
    }
  }

  @Test func aCaptionIsItsImagesOwn() throws {
    let tiny = try TinyCaptioner(seed: 2)
    let methods: [any DecodingMethod] = [GreedyDecoding(), NucleusSampling(seed: 5), BeamSearch(beams: 3)]
    for method in methods {
      let together = method.captions(of: Self.ids, tiny.batch(0..<12), until: Self.end)
      let apart = [0..<5, 5..<6, 6..<12].flatMap {
        method.captions(of: Array(Self.ids[$0]), tiny.batch($0), until: Self.end)
      }
      #expect(together == apart)
    }
  }
}
