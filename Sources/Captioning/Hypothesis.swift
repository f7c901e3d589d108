import Models

/// A caption under search.
public struct Hypothesis: Equatable, Sendable {
  public let tokens: [Int32]
  /// The sum over its tokens.
  public let logProbability: Double

  static let empty = Hypothesis(tokens: [], logProbability: 0)

  public var meanLogProbability: Double { logProbability / Double(max(1, tokens.count)) }

  func isFinished(by end: StopCondition) -> Bool { end.isReached(by: tokens) }
}

/// A hypothesis that may take a place in a beam.
struct BeamCandidate {
  let hypothesis: Hypothesis
  /// What it asks of the batch; nil when it is finished.
  let successor: Continuation?

  /// A finished hypothesis.
  init(_ hypothesis: Hypothesis) {
    self.hypothesis = hypothesis
    successor = nil
  }

  /// A hypothesis with one more token.
  init(_ hypothesis: Hypothesis, sequence: Int, _ candidate: Candidate, until end: StopCondition) {
    self.hypothesis = Hypothesis(
      tokens: hypothesis.tokens + [candidate.token],
      logProbability: hypothesis.logProbability + candidate.logProbability)
    successor =
      self.hypothesis.isFinished(by: end) ? nil : Continuation(parent: sequence, token: candidate.token)
  }
}
