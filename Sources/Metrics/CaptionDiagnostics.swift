/// What captions are like, whatever their references: whether they vary, and whether they are learned by
/// heart.
public struct CaptionDiagnostics: Equatable, Sendable {
  /// By order, unigrams first: different n-grams of all captions, of all their n-grams (Li et al. 2016).
  public let distinct: [Double]
  /// Words of a caption.
  public let meanLength: Double
  /// Different words.
  public let vocabulary: Int
  /// Different captions, of all.
  public let distinctCaptions: Double
  /// The share of captions that stand in the training split, apart from case and punctuation; nil without
  /// one.
  public let seenInTraining: Double?

  /// - Parameters:
  ///   - candidates: tokenized, at least one.
  ///   - training: the training split's captions as they stand.
  public init(candidates: some Collection<String>, training: [String] = []) {
    var vocabulary = ScoringVocabulary()
    let texts = candidates.map { vocabulary.text($0).ngrams }
    let different = (0..<NGramCounts.orders).map { order in
      Set(texts.lazy.flatMap { $0.entries[order] }.map(\.ngram)).count
    }
    distinct = different.enumerated().map { order, count in
      let total = texts.reduce(0) { $0 + $1.total(order: order + 1) }
      return total == 0 ? 0 : Double(count) / Double(total)
    }
    let count = Double(max(1, candidates.count))
    meanLength = texts.reduce(0) { $0 + Double($1.wordCount) } / count
    self.vocabulary = different[0]
    distinctCaptions = Double(Set(candidates.map(Self.letters)).count) / count
    if training.isEmpty {
      seenInTraining = nil
    } else {
      let known = Set(training.map(Self.letters))
      seenInTraining = Double(candidates.count { known.contains(Self.letters($0)) }) / count
    }
  }

  /// The bytes of a caption that are letters or digits, or of characters beyond ASCII, without case.
  private static func letters(_ caption: String) -> [UInt8] {
    caption.utf8.compactMap { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: byte
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
      default: nil
      }
    }
  }
}
