import Foundation
import Models

/// A beam in which finished hypotheses leave it and are ranked by log-probability / length^exponent. The search ends
/// when no unfinished hypothesis can come to a better score than the best finished one.
struct LengthNormalizedBeam: Beam {
  private let width: Int
  private let end: StopCondition
  private let exponent: Double
  /// Likeliest first.
  private var live = [Hypothesis.empty]
  private var finished: [Hypothesis] = []

  init(width: Int, end: StopCondition, exponent: Double) {
    self.width = width
    self.end = end
    self.exponent = exponent
  }

  var unfinished: Int { live.count }

  var ranking: [Hypothesis] {
    Array(finished.sorted { score($0, $0.tokens.count) > score($1, $1.tokens.count) }.prefix(width))
  }

  mutating func extend(by candidates: ArraySlice<[Candidate]>) -> [Continuation] {
    let choices = zip(live, candidates.indices).flatMap { hypothesis, sequence in
      candidates[sequence].map { BeamCandidate(hypothesis, sequence: sequence, $0, until: end) }
    }.sorted { $0.hypothesis.logProbability > $1.hypothesis.logProbability }
    // A hypothesis can only finish in a place of the beam; the place goes to one that is unfinished.
    finished += choices.prefix(width).filter { $0.successor == nil }.map(\.hypothesis)
    let unfinished = choices.filter { $0.successor != nil }.prefix(width)
    live = canWin(unfinished.first) ? unfinished.map(\.hypothesis) : []
    return live.isEmpty ? [] : unfinished.compactMap(\.successor)
  }

  /// Whether the most likely unfinished hypothesis could still be better than all finished: with certain tokens up to
  /// the greatest length.
  private func canWin(_ choice: BeamCandidate?) -> Bool {
    guard let best = ranking.first, let choice else { return choice != nil }
    return score(choice.hypothesis, end.maxTokens) > score(best, best.tokens.count)
  }

  private func score(_ hypothesis: Hypothesis, _ length: Int) -> Double {
    hypothesis.logProbability / pow(Double(length), exponent)
  }
}
