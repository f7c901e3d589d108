/// The words of a corpus, as tokens, and the counts of all pairs of adjacent tokens, up to date after each
/// merge.
///
/// A merge never makes a token that exists or a pair that was there before. Where two tokens meet stays a
/// boundary until they are merged, so what lies between two boundaries is always merged as if it stood alone;
/// equal bytes between boundaries are at any time equal tokens, and there is one way to each token.
struct PairCorpus {
  /// A distinct word and how often it stands in the corpus.
  private struct Word {
    var tokens: [Int32]
    let count: Int
  }

  /// How often a pair stands in the corpus, and the indices of all words that have it (and some that had it).
  private struct Occurrences {
    var count = 0
    var words: [Int] = []
  }

  /// A pair with its count at some time; the count may have shrunk since. The more frequent comes first.
  private struct Candidate: Comparable {
    let count: Int
    let pair: TokenPair

    static func < (a: Candidate, b: Candidate) -> Bool {
      a.count != b.count ? a.count > b.count : a.pair < b.pair
    }
  }

  private var words: [Word]
  private var pairs: [TokenPair: Occurrences] = [:]
  private var queue = PriorityQueue<Candidate>()

  init(_ captions: some Sequence<String>, tokenOfByte: [Int32]) {
    var counts: [ArraySlice<UInt8>: Int] = [:]
    for caption in captions {
      for word in GPT2Words(of: Array(caption.utf8)[...]) { counts[word, default: 0] += 1 }
    }
    words = counts.map { word, count in Word(tokens: word.map { tokenOfByte[Int($0)] }, count: count) }
    for (index, word) in words.enumerated() {
      for (left, right) in zip(word.tokens, word.tokens.dropFirst()) {
        add(TokenPair(left, right), in: index)
      }
    }
    for (pair, occurrences) in pairs { queue.insert(Candidate(count: occurrences.count, pair: pair)) }
  }

  /// The pair that stands most often in the corpus; of equally frequent ones the smallest. Nil when no word
  /// has two tokens left. It is to be merged before the next one is asked for.
  mutating func mostFrequentPair() -> TokenPair? {
    while let candidate = queue.popSmallest() {
      let count = pairs[candidate.pair]?.count ?? 0
      if count == candidate.count { return candidate.pair }
      if count > 0 { queue.insert(Candidate(count: count, pair: candidate.pair)) }
    }
    return nil
  }

  /// Replaces the pair by the new token in all words, from left to right.
  mutating func apply(_ merge: Merge) {
    var grown: Set<TokenPair> = []
    for index in pairs.removeValue(forKey: merge.pair)?.words ?? [] { apply(merge, in: index, &grown) }
    for pair in grown {
      if let count = pairs[pair]?.count, count > 0 { queue.insert(Candidate(count: count, pair: pair)) }
    }
  }

  private mutating func apply(_ merge: Merge, in index: Int, _ grown: inout Set<TokenPair>) {
    func exchange(_ old: TokenPair, for new: TokenPair) {
      pairs[old]?.count -= words[index].count
      add(new, in: index)
      grown.insert(new)
    }

    let old = words[index].tokens
    var new: [Int32] = []
    var i = 0
    while i < old.count {
      guard i + 1 < old.count, TokenPair(old[i], old[i + 1]) == merge.pair else {
        new.append(old[i])
        i += 1
        continue
      }
      if let before = new.last {
        exchange(TokenPair(before, merge.pair.left), for: TokenPair(before, merge.result))
      }
      i += 2
      if i < old.count {
        exchange(TokenPair(merge.pair.right, old[i]), for: TokenPair(merge.result, old[i]))
      }
      new.append(merge.result)
    }
    words[index].tokens = new
  }

  private mutating func add(_ pair: TokenPair, in index: Int) {
    pairs[pair, default: Occurrences()].count += words[index].count
    if pairs[pair]?.words.last != index { pairs[pair]?.words.append(index) }
  }
}
