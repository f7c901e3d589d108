import Models

/// The beam of ClipCap's `generate_beam`: finished hypotheses keep their place among the others as long as their mean
/// log-probability holds against those that go on, and the search ends when all are finished.
struct MeanScoredBeam: Beam {
  private let width: Int
  private let end: StopCondition
  /// Best first.
  private(set) var ranking = [Hypothesis.empty]

  init(width: Int, end: StopCondition) {
    self.width = width
    self.end = end
  }

  var unfinished: Int { ranking.count { !$0.isFinished(by: end) } }

  mutating func extend(by candidates: ArraySlice<[Candidate]>) -> [Continuation] {
    var choices: [BeamCandidate] = []
    var sequence = candidates.startIndex
    for hypothesis in ranking {
      if hypothesis.isFinished(by: end) {
        choices.append(BeamCandidate(hypothesis))
      } else {
        choices += candidates[sequence].map { BeamCandidate(hypothesis, sequence: sequence, $0, until: end) }
        sequence += 1
      }
    }
    choices.sort { $0.hypothesis.meanLogProbability > $1.hypothesis.meanLogProbability }
    let best = choices.prefix(width)
    ranking = best.map(\.hypothesis)
    return best.compactMap(\.successor)
  }
}
