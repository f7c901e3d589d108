import Foundation
import Testing

@testable import Captioning

/// What PyTorch and transformers make of the same models.
@Suite struct GoldenDecodingTests {
  @Test(arguments: [
    "mlp-finetune", "mlp-frozen", "transformer-finetune", "transformer-frozen", "mlp-llama", "mlp-qwen2",
    "mlp-qwen3",
  ])
  func clipCapsDecoders(name: String) throws {
    let golden = try GoldenModel(name)
    let ids = (0..<golden.images).map(String.init)
    let greedy = GreedyDecoding().captions(of: ids, golden.batch(), until: golden.end)
    #expect(try greedy == golden.captions("expected/greedy"))

    let found = BeamSearch(beams: golden.sizes.beams).hypotheses(golden.batch(), until: golden.end)
    #expect(try found.flatMap { $0.map(\.tokens) } == golden.captions("expected/beam"))
    for (hypothesis, score) in zip(found.joined(), try golden.floats("expected/beam_scores")) {
      #expect(abs(hypothesis.meanLogProbability - Double(score)) < 1e-5)
    }
  }

  @Test(arguments: ["mlp-finetune", "transformer-finetune"])
  func lengthNormalization(name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Golden/beam.json"
    let expected = try JSONDecoder().decode(
      [String: [String: [[Int32]]]].self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    let golden = try GoldenModel(name)
    let ids = (0..<golden.images).map(String.init)
    for (exponent, captions) in try #require(expected[name]) {
      let scoring = BeamSearch.Scoring.lengthNormalized(exponent: try #require(Double(exponent)))
      let search = BeamSearch(beams: golden.sizes.beams, scoring: scoring)
      #expect(search.captions(of: ids, golden.batch(), until: golden.end) == captions, "\(exponent)")
    }
  }
}
