extension Collection<Double> {
  /// The middle number, or the mean of the two in the middle; nil where there are none.
  public var median: Double? {
    guard !isEmpty else { return nil }
    let sorted = sorted()
    let upper = sorted[count / 2]
    return count % 2 == 1 ? upper : (sorted[count / 2 - 1] + upper) / 2
  }
}
