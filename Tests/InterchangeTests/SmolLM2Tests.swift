import Autograd
import Foundation
import Models
import Runs
import Tensors
import Testing
import Text
import Training

/// Where its GGUF file is.
private let path = ProcessInfo.processInfo.environment["CAPSTAN_SMOLLM2"]

/// SmolLM2-135M-Instruct from a real GGUF file, beside transformers (`Golden/make_smollm2.py`).
@Suite(.enabled(if: path != nil, "needs SmolLM2's GGUF file, named by CAPSTAN_SMOLLM2"))
struct SmolLM2Tests {
  private struct Expected: Decodable {
    struct Case: Decodable {
      let prompt: String
      let ids: [Int32]
      let logits: [Float]
      let greedy: [Int32]
    }
    let end: Int32
    let cases: [Case]
  }

  @Test func logitsAndGreedySearchAreThoseOfTransformers() throws {
    let file = URL(fileURLWithPath: GoldenModels.folder + "/smollm2.json")
    let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
    let backend = try Backend(threads: 2, precision: .float32)
    let loaded = try LoadedModel(path: try #require(path), on: backend)
    #expect(loaded.tokenizer.endOfText == expected.end)
    for item in expected.cases { #expect(loaded.tokenizer.encode(item.prompt) == item.ids, "\(item.prompt)") }

    // The last token of each is predicted and not looked at.
    var texts = expected.cases.map { $0.ids + [0] }
    for step in 0..<20 {
      let logits = loaded.model.logits(
        CaptionBatch(embeddings: nil, captions: texts, laneSizes: [texts.count], firstSample: 0),
        on: Tape(on: backend, recording: false))
      var row = -1
      for (index, item) in expected.cases.enumerated() {
        row += texts[index].count
        let found = Array(UnsafeBufferPointer(start: logits.row(row), count: logits.columns))
        if step == 0 {
          let sample = stride(from: 0, to: found.count, by: 97).map { found[$0] }
          let scale = item.logits.map(abs).max() ?? 0
          let difference = zip(sample, item.logits).map { abs($0 - $1) }.max() ?? .infinity
          #expect(
            sample.count == item.logits.count && difference <= 1e-4 * scale, "\(item.prompt): \(difference)")
        }
        let best = found.indices.max { found[$0] < found[$1] } ?? 0
        #expect(Int32(best) == item.greedy[step], "\(item.prompt), token \(step)")
        texts[index][texts[index].count - 1] = Int32(best)
        texts[index].append(0)
      }
    }
  }
}
