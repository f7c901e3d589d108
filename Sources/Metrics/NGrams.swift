/// The n-grams of one to four words that a text has, each with its count.
///
/// An n-gram is a number (`NGramTable`); of each order they stand in ascending order, so that two texts are
/// compared by going through both once.
struct NGramCounts {
  static let orders = 4

  struct Entry: Equatable {
    let ngram: Int32
    var count: Int32
  }

  let wordCount: Int
  /// By order: unigrams first.
  let entries: [[Entry]]

  /// Occurrences of n-grams of an order, whether they are the same or not.
  func total(order: Int) -> Int { max(0, wordCount - order + 1) }
}

/// Gives every n-gram that it sees a number of its own.
struct NGramTable {
  /// An n-gram is the one of its words but the last, and its last word.
  private var numbers: [UInt64: Int32] = [:]

  /// How many n-grams have been seen.
  var count: Int { numbers.count }

  mutating func counts(of words: [Int32]) -> NGramCounts {
    // What ends at each word: first no word, then a unigram, and so on.
    var ending = Array(repeating: Int32(-1), count: words.count)
    var entries: [[NGramCounts.Entry]] = []
    for order in 1...NGramCounts.orders {
      var ngrams: [Int32] = []
      for last in stride(from: words.count - 1, through: order - 1, by: -1) {
        let beginning = order == 1 ? -1 : ending[last - 1]
        ending[last] = number(of: beginning, words[last])
        ngrams.append(ending[last])
      }
      entries.append(Self.counted(ngrams.sorted()))
    }
    return NGramCounts(wordCount: words.count, entries: entries)
  }

  private mutating func number(of beginning: Int32, _ word: Int32) -> Int32 {
    let key = UInt64(UInt32(bitPattern: beginning)) << 32 | UInt64(UInt32(bitPattern: word))
    if let number = numbers[key] { return number }
    let number = Int32(numbers.count)
    numbers[key] = number
    return number
  }

  private static func counted(_ sorted: [Int32]) -> [NGramCounts.Entry] {
    sorted.reduce(into: []) { entries, ngram in
      if entries.last?.ngram == ngram {
        entries[entries.count - 1].count += 1
      } else {
        entries.append(NGramCounts.Entry(ngram: ngram, count: 1))
      }
    }
  }
}

extension [NGramCounts.Entry] {
  /// Calls `body` for every n-gram that both have, with its place here and its count there.
  func forEachCommon(with other: [NGramCounts.Entry], _ body: (_ index: Int, _ count: Int32) -> Void) {
    var (i, j) = (0, 0)
    while i < count && j < other.count {
      if self[i].ngram == other[j].ngram { body(i, other[j].count) }
      let (a, b) = (self[i].ngram, other[j].ngram)
      if a <= b { i += 1 }
      if b <= a { j += 1 }
    }
  }
}
