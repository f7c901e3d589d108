import Support

extension ByteReader {
  /// The next `count` numbers in Parquet's hybrid of runs of one number and groups of eight packed ones (encoding RLE).
  ///
  /// Throws `Failure.badData` where there are fewer.
  /// - Parameter width: bits of a number, at most 32.
  mutating func runLengthCoded(_ count: Int, width: Int) throws -> [Int] {
    guard width > 0 else { return Array(repeating: 0, count: count) }
    var numbers: [Int] = []
    numbers.reserveCapacity(count)
    while numbers.count < count {
      let header = try varint()
      let missing = count - numbers.count
      guard header & 1 == 1 else {
        let bytes = try take((width + 7) / 8)
        let number = bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        numbers.append(contentsOf: repeatElement(number, count: min(header >> 1, missing)))
        continue
      }
      let (size, overflow) = (header >> 1).multipliedReportingOverflow(by: width)
      let bytes = try take(overflow ? Int.max : size)
      // Lowest bits first; the last group may be longer than what is needed.
      var (bits, known) = (0, 0)
      var next = bytes.startIndex
      for _ in 0..<min((header >> 1) * 8, missing) {
        while known < width {
          bits |= Int(bytes[next]) << known
          known += 8
          next += 1
        }
        numbers.append(bits & (1 << width - 1))
        bits >>= width
        known -= width
      }
    }
    return numbers
  }
}
