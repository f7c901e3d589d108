import Foundation
import Tensors
import Testing

@testable import Captioning

@Suite struct NucleusSamplingTests {
  private let probabilities = [0.05, 0.4, 0.1, 0.25, 0.15, 0.03, 0.02]
  private let draws = 20_000

  /// How often each token is drawn.
  private func frequencies(_ sampling: NucleusSampling) throws -> [Double] {
    let backend = try Backend(threads: 1)
    var random = Philox(seed: 11, stream: "test")
    var counts = [Double](repeating: 0, count: probabilities.count)
    for _ in 0..<draws {
      var logits = probabilities.map { Float(log($0) + 3) }
      let token = logits.withUnsafeMutableBufferPointer {
        sampling.sample($0, draw: random.uniform(), on: backend)
      }
      counts[Int(token)] += 1
    }
    return counts
  }

  /// Pearson's statistic stays below what chance exceeds once in a thousand times.
  private func expect(_ counts: [Double], like expected: [Double]) {
    let total = expected.reduce(0, +)
    var statistic = 0.0
    for (count, share) in zip(counts, expected) {
      let mean = Double(draws) * share / total
      #expect(share > 0 || count == 0)
      if share > 0 { statistic += (count - mean) * (count - mean) / mean }
    }
    let bounds = [0, 10.83, 13.82, 16.27, 18.47, 20.52, 22.46]
    #expect(statistic < bounds[expected.count { $0 > 0 } - 1])
  }

  @Test func drawsFromTheNucleus() throws {
    // 0.4 + 0.25 + 0.15 are just not enough for 0.85; 0.1 completes them.
    expect(try frequencies(NucleusSampling(topP: 0.85)), like: [0, 0.4, 0.1, 0.25, 0.15, 0, 0])
    expect(try frequencies(NucleusSampling(topP: 1)), like: probabilities)
  }

  @Test func temperatureComesFirst() throws {
    let colder = probabilities.map { $0 * $0 }
    expect(try frequencies(NucleusSampling(topP: 1, temperature: 0.5)), like: colder)
    // Squared, the two most likely have 0.86 of the whole.
    expect(
      try frequencies(NucleusSampling(topP: 0.85, temperature: 0.5)), like: [0, 0.16, 0, 0.0625, 0, 0, 0])
  }

  @Test func aSmallNucleusIsGreedy() throws {
    #expect(try frequencies(NucleusSampling(topP: 1e-9))[1] == Double(draws))
    let tiny = try TinyCaptioner()
    let end = StopCondition(tokens: [2], maxTokens: 8)
    let ids = (0..<4).map(String.init)
    #expect(
      NucleusSampling(topP: 1e-9).captions(of: ids, tiny.batch(0..<4), until: end)
        == GreedyDecoding().captions(of: ids, tiny.batch(0..<4), until: end))
  }

  @Test func seedsAndImagesDraw() throws {
    let tiny = try TinyCaptioner()
    let end = StopCondition(tokens: [], maxTokens: 8)
    func captions(seed: UInt64, _ ids: [String]) -> [[Int32]] {
      // One image under several ids: only the draws differ.
      let one = tiny.embeddings(0..<1)
      let embeddings = tiny.backend.matrix(ids.count, one.columns)
      for row in ids.indices { embeddings.row(row).update(from: one.pointer, count: one.columns) }
      let batch = DecodingBatch(tiny.model, embeddings: embeddings, on: tiny.backend)
      return NucleusSampling(topP: 1, seed: seed).captions(of: ids, batch, until: end)
    }
    let first = captions(seed: 1, ["a", "b", "c"])
    #expect(Set(first).count == 3)
    #expect(captions(seed: 1, ["c", "a"]) == [first[2], first[0]])
    #expect(captions(seed: 2, ["a", "b", "c"]) != first)
  }
}
