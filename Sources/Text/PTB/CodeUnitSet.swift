/// A set of UTF-16 code units.
///
/// Not of scalars: the Stanford tokenizer reads Java's chars, and takes half of a surrogate pair for one.
struct CodeUnitSet: Equatable, Sendable {
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

  func contains(_ unit: UInt16) -> Bool { ranges.contains { $0.contains(unit) } }
}
