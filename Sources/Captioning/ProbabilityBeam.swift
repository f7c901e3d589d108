import Foundation
import Models

/// The beam of Merge-RNN (Tanti et al. 2017): captions are compared by their probability, whatever their length. Finished
/// ones keep their place as long as it holds against those that go on, no caption has the unknown token, and the search
/// ends when the best caption is finished.
///
/// Of equally likely captions one that an end token finished is better, then the one whose tokens are the larger.
struct ProbabilityBeam: Beam {
  private struct Entry {
    let hypothesis: Hypothesis
    /// The product over the tokens.
    let probability: Double
    /// What it asks of the batch; nil when it is finished.
    let successor: Continuation?
    let isComplete: Bool

    /// The tokens without the one that ended them.
    var words: ArraySlice<Int32> { hypothesis.tokens.dropLast(isComplete ? 1 : 0) }

    func isBetter(than other: Entry) -> Bool {
      if probability != other.probability { return probability > other.probability }
      if isComplete != other.isComplete { return isComplete }
      return other.words.lexicographicallyPrecedes(words)
    }
  }

  private let width: Int
  private let end: StopCondition
  /// Best first.
  private var entries: [Entry]

  init(width: Int, end: StopCondition) {
    self.width = width
    self.end = end
    let start = Continuation(parent: 0, token: 0)
    entries = [Entry(hypothesis: .empty, probability: 1, successor: start, isComplete: false)]
  }

  var unfinished: Int { isFinished ? 0 : entries.count { $0.successor != nil } }
  var ranking: [Hypothesis] { entries.map(\.hypothesis) }

  private var isFinished: Bool { entries.first?.successor == nil }

  mutating func extend(by candidates: ArraySlice<[Candidate]>) -> [Continuation] {
    guard !isFinished else { return [] }
    var choices: [Entry] = []
    var sequence = candidates.startIndex
    for entry in entries {
      if entry.successor == nil {
        choices.append(entry)
      } else {
        choices += candidates[sequence].filter { $0.token != end.unknown }.map {
          extended(entry, sequence: sequence, by: $0)
        }
        sequence += 1
      }
    }
    entries = Array(choices.sorted { $0.isBetter(than: $1) }.prefix(width))
    return isFinished ? [] : entries.compactMap(\.successor)
  }

  private func extended(_ entry: Entry, sequence: Int, by next: Candidate) -> Entry {
    let candidate = BeamCandidate(entry.hypothesis, sequence: sequence, next, until: end)
    return Entry(
      hypothesis: candidate.hypothesis, probability: entry.probability * exp(next.logProbability),
      successor: candidate.successor, isComplete: end.tokens.contains(next.token))
  }
}
