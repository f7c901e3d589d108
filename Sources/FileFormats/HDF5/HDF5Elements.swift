/// The bytes of a dataset's elements: where they are in the file, or, of one in chunks, in memory.
enum HDF5Elements: Sendable {
  case inFile(FileRegion)
  case inMemory([UInt8])

  /// Hands over the bytes of a range, counted in bytes.
  func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    switch self {
    case .inMemory(let bytes):
      return try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    case .inFile(let region):
      return try withUnsafeTemporaryAllocation(byteCount: range.count, alignment: 16) { buffer in
        try region.read(at: range.lowerBound, into: buffer)
        return try body(UnsafeRawBufferPointer(buffer))
      }
    }
  }
}

extension Range<Int> {
  /// The range in pieces of at most `size`, for columns that are read from front to back.
  func pieces(of size: Int) -> some Sequence<Range<Int>> {
    stride(from: lowerBound, to: upperBound, by: size).lazy.map { $0..<Swift.min(upperBound, $0 + size) }
  }
}
