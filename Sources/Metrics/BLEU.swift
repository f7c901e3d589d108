import Foundation

/// What BLEU counts, of an image or of many: statistics add up, scores do not.
///
/// Papineni et al. 2002, as pycocoevalcap 1.2 computes it: the closest reference's length, the shorter of
/// two as close, and tiny terms that keep a score without matches from being undefined.
public struct BLEUStatistics: Equatable, Sendable {
  public private(set) var candidateLength = 0
  public private(set) var referenceLength = 0
  /// By order, unigrams first: n-grams of the candidate that a reference has, no more often than one has
  /// them.
  public private(set) var matches = SIMD4<Int>()
  /// By order: n-grams of the candidate.
  public private(set) var guesses = SIMD4<Int>()

  public init() {}

  init(candidate: ScoredText, references: [ScoredText]) {
    let words = candidate.ngrams.wordCount
    candidateLength = words
    referenceLength =
      references.map(\.ngrams.wordCount).min { (abs($0 - words), $0) < (abs($1 - words), $1) } ?? 0
    for order in 0..<NGramCounts.orders {
      guesses[order] = candidate.ngrams.total(order: order + 1)
      matches[order] = Self.matches(
        of: candidate.ngrams.entries[order], in: references.map { $0.ngrams.entries[order] })
    }
  }

  private static func matches(of candidate: [NGramCounts.Entry], in references: [[NGramCounts.Entry]]) -> Int
  {
    var most = Array(repeating: Int32(0), count: candidate.count)
    for reference in references {
      candidate.forEachCommon(with: reference) { index, count in
        most[index] = max(most[index], min(candidate[index].count, count))
      }
    }
    return most.reduce(0) { $0 + Int($1) }
  }

  public static func += (sum: inout BLEUStatistics, other: BLEUStatistics) {
    sum.candidateLength += other.candidateLength
    sum.referenceLength += other.referenceLength
    sum.matches &+= other.matches
    sum.guesses &+= other.guesses
  }

  /// BLEU of n-grams up to `order`, 1 to 4.
  public func score(order: Int) -> Double {
    let (small, tiny) = (1e-9, 1e-15)
    let precisions = (0..<order).map { (Double(matches[$0]) + tiny) / (Double(guesses[$0]) + small) }
    let mean = pow(precisions.reduce(1, *), 1 / Double(order))
    let ratio = (Double(candidateLength) + tiny) / (Double(referenceLength) + small)
    return ratio < 1 ? mean * exp(1 - 1 / ratio) : mean
  }
}
