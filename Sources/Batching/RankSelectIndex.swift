import Datasets

/// The chosen of a line of things, by number: select of Jacobson (1989), with a sum kept for every 512 things.
struct RankSelectIndex: Sendable {
  /// How many are chosen.
  let count: Int
  private let words: [UInt64]
  /// How many are chosen before each group of words.
  private let sums: [Int]
  private static let group = 8

  init(_ bits: BitVector) {
    words = bits.words
    var (sums, count) = ([Int](), 0)
    for (index, word) in words.enumerated() {
      if index % Self.group == 0 { sums.append(count) }
      count += word.nonzeroBitCount
    }
    (self.sums, self.count) = (sums, count)
  }

  /// The place of the chosen thing `number`, counted from 0.
  func place(of number: Int) -> Int {
    precondition((0..<count).contains(number), "as many are chosen")
    let group = sums.lastIndex(atMost: number)
    var left = number - sums[group]
    var index = group * Self.group
    while left >= words[index].nonzeroBitCount {
      left -= words[index].nonzeroBitCount
      index += 1
    }
    var word = words[index]
    for _ in 0..<left { word &= word - 1 }
    return index * 64 + word.trailingZeroBitCount
  }
}

extension [Int] {
  /// The last of the ascending elements that is at most `value`, as the first is; by halving.
  func lastIndex(atMost value: Int) -> Int {
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if self[middle] <= value { low = middle } else { high = middle }
    }
    return low
  }
}
