import Support

/// Makes a vocabulary of the words that stand in captions often enough.
///
/// Id 0 is the end of text, which is also where a caption starts, 1 the unknown word; then come the words, the most
/// frequent first, equally frequent ones in the order of their code points.
public struct WordTrainer {
  private let minCount: Int

  /// - Throws: `Failure.usage` unless the count is positive.
  public init(minCount: Int) throws {
    guard minCount > 0 else {
      throw Failure.usage(
        "A word is to stand in the captions at least \(minCount) times; choose a --min-count from 1 on.")
    }
    self.minCount = minCount
  }

  /// Counts the words of captions, whose order does not matter.
  /// - Throws: `Failure.badData` when no word is frequent enough.
  public func train(on captions: some Sequence<String>) throws -> WordTokenizer {
    var counts: [ArraySlice<UInt8>: Int] = [:]
    for caption in captions {
      for word in WordSplitter.words(of: Array(caption.utf8)[...]) { counts[word, default: 0] += 1 }
    }
    let special = [Vocabulary.endOfText, WordTokenizer.unknownWord]
    for token in special { counts[Array(token.utf8)[...]] = nil }
    let words = counts.filter { $0.value >= minCount }.sorted {
      $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
    }
    guard !words.isEmpty else {
      throw Failure.badData(
        "No word stands in these captions at least \(minCount) times; choose a smaller --min-count, or more captions."
      )
    }
    return WordTokenizer(
      special + words.map { String(decoding: $0.key, as: UTF8.self) }, endOfText: 0, unknown: 1)
  }
}
