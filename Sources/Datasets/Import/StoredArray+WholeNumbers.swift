import FileFormats

extension StoredArray {
  /// The elements as the integers that they are, for image ids; nil where one is not, or has become too large for its
  /// type to tell it from its neighbours.
  func wholeNumbers() -> [Int]? {
    guard element.isFloatingPoint else { return integers() }
    let exact: Float =
      switch element {
      case .bfloat16: 0x1p8
      case .float16: 0x1p11
      default: 0x1p24
      }
    let numbers = floats().map { abs($0) < exact ? Int(exactly: $0) : nil }
    return numbers.contains(nil) ? nil : numbers.compactMap(\.self)
  }
}
