/// A token that may come next.
struct Candidate: Equatable {
  let token: Int32
  let logProbability: Double
}

extension DecodingBatch {
  /// The most likely next tokens of each sequence, most likely first: `count` of them, or the whole vocabulary.
  func candidates(_ count: Int, temperature: Double) -> [[Candidate]] {
    topLogits(count, temperature: temperature).map { top in
      top.entries.map { Candidate(token: $0.token, logProbability: Double($0.logit) - top.logSum) }
    }
  }
}
