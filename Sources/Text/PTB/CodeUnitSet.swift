/// A set of UTF-16 code units.
///
/// Not of scalars: the tokenizer that is matched here takes half of a surrogate pair for a character.
struct CodeUnitSet: Hashable, Sendable {
  /// Ascending, neither overlapping nor touching.
  private(set) var ranges: [ClosedRange<UInt16>] = []

  init(_ unordered: some Sequence<ClosedRange<UInt16>>) {
    for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = ranges.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
        ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        ranges.append(range)
      }
    }
  }

  /// All code units that stand for a scalar of their own which `includes` takes.
  init(where includes: (Unicode.Scalar) -> Bool) {
    self.init((0...UInt16.max).filter { unit in Unicode.Scalar(unit).map(includes) ?? false }.map { $0...$0 })
  }

  /// Code points and ranges of them as Unicode's tables have them: `0041-005A 00AA`.
  init(hexadecimal list: String) {
    self.init(
      list.split(whereSeparator: \.isWhitespace).map { range in
        let bounds = range.split(separator: "-").compactMap { UInt16($0, radix: 16) }
        precondition((1...2).contains(bounds.count), "\(range) is no range of code units")
        return bounds[0]...bounds[bounds.count - 1]
      })
  }

  var inverted: CodeUnitSet {
    var gaps: [ClosedRange<UInt16>] = []
    var next = 0
    for range in ranges {
      if next < range.lowerBound { gaps.append(UInt16(next)...(range.lowerBound - 1)) }
      next = Int(range.upperBound) + 1
    }
    if next <= UInt16.max { gaps.append(UInt16(next)...UInt16.max) }
    return CodeUnitSet(gaps)
  }

  func union(_ other: CodeUnitSet) -> CodeUnitSet { CodeUnitSet(ranges + other.ranges) }
}
