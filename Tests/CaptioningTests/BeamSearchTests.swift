import Foundation
import Tensors
import Testing

@testable import Captioning

@Suite struct BeamSearchTests {
  /// ClipCap's generate_beam, line by line, over whole forward passes of every beam.
  private func reference(
    _ tiny: TinyCaptioner, image: Int, beams: Int, end: StopCondition, temperature: Double
  ) -> [(tokens: [Int32], score: Double)] {
    var tokens: [[Int32]] = []
    var sums: [Double] = []
    var lengths = [Int](repeating: 1, count: beams)
    var stopped = [Bool](repeating: false, count: beams)
    func logProbabilities(_ caption: [Int32]) -> [Double] {
      let values = tiny.logits(image: image, after: caption).map { Double($0) / temperature }
      let logSum = log(values.reduce(0) { $0 + exp($1) })
      return values.map { $0 - logSum }
    }
    for step in 0..<end.maxTokens {
      if step == 0 {
        let first = logProbabilities([])
        let best = first.indices.sorted { first[$0] > first[$1] }.prefix(beams)
        tokens = best.map { [Int32($0)] }
        sums = best.map { first[$0] }
      } else {
        var flat: [(source: Int, token: Int, average: Double)] = []
        for beam in 0..<beams {
          var row = [Double](repeating: -.infinity, count: tiny.vocabulary)
          if stopped[beam] { row[0] = 0 } else { row = logProbabilities(tokens[beam]) }
          if !stopped[beam] { lengths[beam] += 1 }
          flat += row.enumerated().map { (beam, $0, (sums[beam] + $1) / Double(lengths[beam])) }
        }
        let best = flat.sorted { $0.average > $1.average }.prefix(beams)
        lengths = best.map { lengths[$0.source] }
        stopped = best.map { stopped[$0.source] }
        tokens = best.map { tokens[$0.source] + [Int32($0.token)] }
        sums = zip(best, lengths).map { $0.average * Double($1) }
      }
      for beam in 0..<beams where end.tokens.contains(tokens[beam][step]) { stopped[beam] = true }
      if !stopped.contains(false) { break }
    }
    let scores = zip(sums, lengths).map { $0 / Double($1) }
    return scores.indices.sorted { scores[$0] > scores[$1] }.map {
      (Array(tokens[$0].prefix(lengths[$0])), scores[$0])
    }
  }

  @Test(arguments: [(1, 1.0), (3, 1.0), (5, 0.6), (5, 1.7)])
  func isClipCaps(beams: Int, temperature: Double) throws {
    var lengths: Set<Int> = []
    for seed in 1...3 as ClosedRange<UInt64> {
      let tiny = try TinyCaptioner(seed: seed)
      let end = StopCondition(tokens: [4, 7], maxTokens: 7)
      let found = BeamSearch(beams: beams, temperature: temperature).hypotheses(tiny.batch(0..<6), until: end)
      for image in 0..<6 {
        let expected = reference(tiny, image: image, beams: beams, end: end, temperature: temperature)
        #expect(found[image].map(\.tokens) == expected.map(\.tokens))
        for (hypothesis, (_, score)) in zip(found[image], expected) {
          #expect(abs(hypothesis.meanLogProbability - score) < 1e-5)
          lengths.insert(hypothesis.tokens.count)
        }
      }
    }
    #expect(lengths.count > 2, "captions of several lengths, or little was tested")
  }

  /// Merge-RNN's beam, line by line, over distributions: a heap of (probability, complete, prefix) of which the least goes.
  private func probabilityReference(
    beams: Int, limit: Int, endToken: Int32, unknown: Int32, _ distribution: ([Int32]) -> [Double]
  ) -> (words: [Int32], probability: Double) {
    typealias Item = (probability: Double, complete: Bool, prefix: [Int32])
    func isLess(_ a: Item, _ b: Item) -> Bool {
      if a.probability != b.probability { return a.probability < b.probability }
      if a.complete != b.complete { return b.complete }
      return a.prefix.lexicographicallyPrecedes(b.prefix)
    }
    var beam: [Item] = [(1, false, [])]
    while true {
      var heap: [Item] = []
      func add(_ item: Item) {
        heap.append(item)
        if heap.count > beams, let least = heap.indices.min(by: { isLess(heap[$0], heap[$1]) }) {
          heap.remove(at: least)
        }
      }
      for item in beam where item.complete { add(item) }
      for item in beam where !item.complete {
        for (token, p) in zip(Int32(0)..., distribution(item.prefix)) where token != unknown {
          add(
            token == endToken
              ? (item.probability * p, true, item.prefix)
              : (item.probability * p, false, item.prefix + [token]))
        }
      }
      guard let best = heap.max(by: isLess) else { return ([], 0) }
      if best.complete || best.prefix.count == limit { return (best.prefix, best.probability) }
      beam = heap
    }
  }

  private func expectCaption(
    _ found: Hypothesis?, is expected: (words: [Int32], probability: Double), endToken: Int32
  ) {
    #expect(found.map { Array($0.tokens.prefix { $0 != endToken }) } == expected.words)
    #expect(abs(exp(found?.logProbability ?? 0) / expected.probability - 1) < 1e-5)
  }

  @Test(arguments: [(1, 9), (3, 9), (3, 2), (6, 5), (40, 4)])
  func probabilityIsMergeRNNs(beams: Int, limit: Int) throws {
    var lengths: Set<Int> = []
    for seed in 1...5 as ClosedRange<UInt64> {
      let tiny = try TinyCaptioner(seed: seed)
      for endToken in [4, 7] as [Int32] {
        let end = StopCondition(tokens: [endToken], maxTokens: limit, unknown: 1)
        let found = BeamSearch(beams: beams, scoring: .probability).hypotheses(tiny.batch(0..<6), until: end)
        for image in 0..<6 {
          let expected = probabilityReference(beams: beams, limit: limit, endToken: endToken, unknown: 1) {
            tiny.logProbabilities(image: image, after: $0).map(exp)
          }
          expectCaption(found[image].first, is: expected, endToken: endToken)
          lengths.insert(expected.words.count)
        }
      }
    }
    #expect(lengths.count > 1, "captions of several lengths, or little was tested")
  }

  /// Distributions over few numbers, so that many captions are equally likely.
  @Test(arguments: 0..<60) func probabilityBreaksTiesAsMergeRNN(seed: Int) {
    func distribution(_ prefix: [Int32]) -> [Double] {
      var random = Philox(seed: UInt64(seed), stream: "table", prefix.map(String.init).joined(separator: " "))
      return (0..<6).map { _ in [0.5, 0.25, 0.125, 0.0625][Int(random.next() % 4)] }
    }
    for beams in 1...4 {
      let end = StopCondition(tokens: [0], maxTokens: 5, unknown: 1)
      var beam: any Beam = ProbabilityBeam(width: beams, end: end)
      var prefixes: [[Int32]] = [[]]
      while !prefixes.isEmpty {
        let successors = beam.extend(
          by: prefixes.map { prefix in
            zip(Int32(0)..., distribution(prefix)).map { Candidate(token: $0, logProbability: log($1)) }
          }[...])
        prefixes = successors.map { prefixes[$0.parent] + [$0.token] }
      }
      let expected = probabilityReference(
        beams: beams, limit: 5, endToken: 0, unknown: 1, { distribution($0).map { exp(log($0)) } })
      expectCaption(beam.ranking.first, is: expected, endToken: 0)
    }
  }

  /// A beam that holds every hypothesis there is finds the best of them all.
  @Test(arguments: [0, 0.6, 1, 2.5]) func aWideBeamIsExhaustive(exponent: Double) throws {
    let tiny = try TinyCaptioner(vocabulary: 4, seed: 6)
    let end = StopCondition(tokens: [1], maxTokens: 4)
    let search = BeamSearch(beams: 300, scoring: .lengthNormalized(exponent: exponent))
    let found = search.hypotheses(tiny.batch(0..<4), until: end)
    for image in 0..<4 {
      var best: (tokens: [Int32], score: Double) = ([], -.infinity)
      func explore(_ tokens: [Int32], _ sum: Double) {
        if end.isReached(by: tokens) {
          let score = sum / pow(Double(tokens.count), exponent)
          if score > best.score { best = (tokens, score) }
          return
        }
        for (token, p) in tiny.logProbabilities(image: image, after: tokens).enumerated() {
          explore(tokens + [Int32(token)], sum + p)
        }
      }
      explore([], 0)
      #expect(found[image].first?.tokens == best.tokens)
    }
  }

  @Test func greaterExponentsFavourLongerCaptions() throws {
    let tiny = try TinyCaptioner(seed: 3)
    let end = StopCondition(tokens: [1, 3, 8], maxTokens: 8)
    let ids = (0..<12).map(String.init)
    let lengths = [0, 1, 3].map { exponent in
      BeamSearch(scoring: .lengthNormalized(exponent: exponent))
        .captions(of: ids, tiny.batch(0..<12), until: end).reduce(0) { $0 + $1.count }
    }
    #expect(lengths[0] < lengths[1] && lengths[1] < lengths[2])
  }
}
