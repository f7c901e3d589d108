extension Int {
  /// One of `parts` parts of as many things, which are dealt out in their order and as evenly as can be.
  public func part(_ index: Int, of parts: Int) -> Range<Int> {
    self * index / parts..<self * (index + 1) / parts
  }

  /// Consecutive ones of these parts.
  public func parts(_ indices: Range<Int>, of parts: Int) -> Range<Int> {
    self * indices.lowerBound / parts..<self * indices.upperBound / parts
  }
}

extension Sequence where Element: BinaryInteger {
  /// Where pieces of these lengths start when they stand one after the other, and where the last ends.
  public func prefixSums() -> [Element] {
    var sums: [Element] = [0]
    sums.reserveCapacity(underestimatedCount + 1)
    for length in self { sums.append(sums[sums.count - 1] + length) }
    return sums
  }
}
