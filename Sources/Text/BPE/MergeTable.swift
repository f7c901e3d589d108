/// Two tokens side by side, by id.
struct TokenPair: Hashable, Comparable {
  let left: Int32
  let right: Int32

  init(_ left: Int32, _ right: Int32) {
    self.left = left
    self.right = right
  }

  static func < (a: TokenPair, b: TokenPair) -> Bool { (a.left, a.right) < (b.left, b.right) }

  func hash(into hasher: inout Hasher) {
    hasher.combine(UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right)))
  }
}

/// The token that takes the place of a pair.
struct Merge {
  let pair: TokenPair
  let result: Int32

  init(pair: TokenPair, result: Int32) { (self.pair, self.result) = (pair, result) }

  /// Nil where a vocabulary does not have the two tokens, or not what they make.
  init?(_ left: String, _ right: String, in ids: [String: Int]) {
    guard let result = ids[left + right].flatMap(Int32.init(exactly:)),
      let left = ids[left].flatMap(Int32.init(exactly:)), let right = ids[right].flatMap(Int32.init(exactly:))
    else { return nil }
    self.init(pair: TokenPair(left, right), result: result)
  }
}

/// The merges by rank, and how a word is merged by them.
struct MergeTable {
  private let merges: [Merge]
  private let ranks: [TokenPair: Int]

  init(_ merges: [Merge]) {
    self.merges = merges
    // Of a pair that is listed twice the later rank counts, as in Hugging Face's tokenizers.
    ranks = [TokenPair: Int](zip(merges.map(\.pair), merges.indices), uniquingKeysWith: { $1 })
  }

  /// A pair that waits for its merge; the lowest rank goes first, of equal ranks the leftmost.
  private struct Candidate: Comparable {
    let rank: Int
    let left: Int

    static func < (a: Candidate, b: Candidate) -> Bool { (a.rank, a.left) < (b.rank, b.left) }
  }

  /// Merges the tokens of one word until no merge applies. O(n log n): a word may be a megabyte.
  func merged(_ word: [Int32]) -> [Int32] {
    guard word.count > 1 else { return word }
    var tokens = word
    // The tokens that are left form a linked list over the positions of the word.
    var next = Array(1...word.count)
    var previous = Array(-1..<word.count - 1)
    var queue = PriorityQueue<Candidate>()

    func enqueue(_ left: Int, _ right: Int) {
      if let rank = ranks[TokenPair(tokens[left], tokens[right])] {
        queue.insert(Candidate(rank: rank, left: left))
      }
    }

    for left in 0..<word.count - 1 { enqueue(left, left + 1) }
    while let candidate = queue.popSmallest() {
      let merge = merges[candidate.rank]
      let left = candidate.left
      let right = next[left]
      // An earlier merge may have taken either side away.
      guard right < word.count, merge.pair == TokenPair(tokens[left], tokens[right]) else { continue }
      tokens[left] = merge.result
      tokens[right] = -1
      next[left] = next[right]
      if next[left] < word.count {
        previous[next[left]] = left
        enqueue(left, next[left])
      }
      if previous[left] >= 0 { enqueue(previous[left], left) }
    }
    return tokens.filter { $0 >= 0 }
  }
}
