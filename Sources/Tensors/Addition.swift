extension Backend {
  /// sum = a + b, element by element, which the threads share; the sum may be an addend. Addends may be longer.
  public func add(_ a: Matrix, _ b: Matrix, into sum: Matrix) {
    precondition(a.count >= sum.count && b.count >= sum.count, "no addend ends before the sum")
    inBlocks(of: sum.count) { start, count in
      kernels.add(sum.pointer + start, a.pointer + start, b.pointer + start, count)
    }
  }
}

extension Int {
  /// Of as many summands, at least two, those in the left half of the fixed tree: the largest power of two below.
  public var leftCount: Int { 1 << (Int.bitWidth - 1 - (self - 1).leadingZeroBitCount) }
}
