import Models

/// Follows several hypotheses of each caption at a time and takes the best in the end.
public struct BeamSearch: DecodingMethod {
  /// What makes one hypothesis better than another of another length.
  public enum Scoring: Equatable, Sendable {
    /// The mean log-probability of a token, from the first step on, as ClipCap's `generate_beam` has it.
    case meanLogProbability
    /// The log-probability divided by length^exponent, among finished hypotheses (Wu et al. 2016, section 7, in the
    /// form of `transformers`). 0 is plain log-probability, which favours short captions.
    case lengthNormalized(exponent: Double)
    /// The probability of the whole caption, as Merge-RNN's beam has it (Tanti et al. 2017): without regard to length,
    /// and without the unknown token.
    case probability
  }

  public let beams: Int
  /// Above 0; logits are divided by it.
  public let temperature: Double
  public let scoring: Scoring

  public init(beams: Int = 5, temperature: Double = 1, scoring: Scoring = .meanLogProbability) {
    precondition(beams > 0 && temperature > 0, "there is a beam, and a temperature is positive")
    self.beams = beams
    self.temperature = temperature
    self.scoring = scoring
  }

  public func captions(of imageIDs: [String], _ batch: DecodingBatch, until end: StopCondition) -> [[Int32]] {
    hypotheses(batch, until: end).map { $0.first?.tokens ?? [] }
  }

  /// Every image's hypotheses at the end of the search, best first.
  /// - Parameter batch: as it begins, with one sequence for each image.
  public func hypotheses(_ batch: DecodingBatch, until end: StopCondition) -> [[Hypothesis]] {
    var searches = (0..<batch.sequences).map { _ in search(until: end) }
    while true {
      let passedOver = end.tokens.count + (end.unknown == nil ? 0 : 1)
      let candidates = batch.candidates(beams + passedOver, temperature: temperature)
      var successors: [Continuation] = []
      var row = 0
      for index in searches.indices {
        let rows = row..<row + searches[index].unfinished
        successors += searches[index].extend(by: candidates[rows])
        row = rows.upperBound
      }
      if successors.isEmpty { return searches.map(\.ranking) }
      batch.advance(successors)
    }
  }

  private func search(until end: StopCondition) -> any Beam {
    switch scoring {
    case .meanLogProbability: MeanScoredBeam(width: beams, end: end)
    case .lengthNormalized(let exponent): LengthNormalizedBeam(width: beams, end: end, exponent: exponent)
    case .probability: ProbabilityBeam(width: beams, end: end)
    }
  }
}

/// The search for one image's caption.
protocol Beam {
  /// Hypotheses that wait for their next token, each a sequence of the batch.
  var unfinished: Int { get }
  /// What was found, best first.
  var ranking: [Hypothesis] { get }
  /// Makes one step.
  /// - Parameter candidates: for each unfinished hypothesis, its most likely next tokens; the index is its sequence.
  /// - Returns: the hypotheses that are unfinished now.
  mutating func extend(by candidates: ArraySlice<[Candidate]>) -> [Continuation]
}
