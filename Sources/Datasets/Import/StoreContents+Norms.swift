import CKernels
import Support

extension StoreContents {
  /// Whether every vector has unit length, within 1 %, which half precision stays well below.
  var isUnitLength: Bool {
    (0..<embeddings.count / width).allSatisfy { abs(norm(ofVector: $0) - 1) < 0.01 }
  }

  /// Divides every vector by its Euclidean norm, in the precision of the embeddings.
  ///
  /// Throws `Failure.badData` when a vector has the norm 0.
  mutating func normalize() throws {
    for vector in 0..<embeddings.count / width {
      let norm = norm(ofVector: vector)
      guard norm != 0 else {
        throw Failure.badData(
          "The embedding of image \(imageIDs[vector / (positions ?? 1)]) is all zeros and cannot be "
            + "normalized; embed that image again or leave it out.")
      }
      embeddings.divide(vector * width..<(vector + 1) * width, by: norm)
    }
    normalized = true
  }

  /// Rows whose numbers are all the same, such as zeros: what an encoder makes of a blank image, or nothing at
  /// all.
  var constantRowCount: Int {
    let count = width * (positions ?? 1)
    guard count > 1 else { return 0 }
    return imageIDs.indices.count { row in
      let values = embeddings.floats(in: row * count..<(row + 1) * count)
      return values.allSatisfy { $0 == values[0] }
    }
  }

  private func norm(ofVector vector: Int) -> Double {
    embeddings.floats(in: vector * width..<(vector + 1) * width)
      .reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}

extension StoreContents.Embeddings {
  fileprivate func floats(in range: Range<Int>) -> [Float] {
    switch self {
    case .float32(let values): Array(values[range])
    case .float16(let bits):
      [Float](unsafeUninitializedCapacity: range.count) { floats, count in
        bits[range].withUnsafeBufferPointer {
          capstan_half_to_float($0.baseAddress, floats.baseAddress, range.count)
        }
        count = range.count
      }
    }
  }

  fileprivate mutating func divide(_ range: Range<Int>, by norm: Double) {
    switch self {
    case .float32(var values):
      self = .float32([])
      for index in range { values[index] = Float(Double(values[index]) / norm) }
      self = .float32(values)
    case .float16(var bits):
      self = .float16([])
      for index in range { bits[index] = Float16(Double(Float16(bitPattern: bits[index])) / norm).bitPattern }
      self = .float16(bits)
    }
  }
}
