/// Which of a line of things are chosen, a bit for each.
public struct BitVector: Sendable {
  public private(set) var words: [UInt64]

  /// Nothing is chosen of `count` things.
  public init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  public init(words: [UInt64]) { self.words = words }

  public func contains(_ place: Int) -> Bool { words[place / 64] >> (place % 64) & 1 != 0 }

  public mutating func insert(_ place: Int) { words[place / 64] |= 1 << (place % 64) }
}
