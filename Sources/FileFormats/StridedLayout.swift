import Foundation

/// Where the elements of an array lie, counted in elements: numpy's Fortran order and torch's views need not
/// be row-major.
struct StridedLayout {
  let shape: [Int]
  /// The step from one index of a dimension to the next; 0 where a dimension has but one.
  let strides: [Int]
  let offset: Int
  /// Elements in the array.
  let count: Int
  /// The array lies within so many elements from the beginning.
  let span: Int

  /// Nil when a number is negative, does not fit, or there are fewer strides than dimensions.
  init?(shape: [Int], strides: [Int], offset: Int = 0) {
    guard let count = elementCount(of: shape), strides.count == shape.count, offset >= 0 else { return nil }
    self.shape = shape
    self.strides = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
    self.offset = offset
    self.count = count

    var last = offset
    for (dimension, stride) in zip(shape, self.strides) where count > 0 {
      let (step, wide) = stride.multipliedReportingOverflow(by: dimension - 1)
      let (sum, far) = last.addingReportingOverflow(step)
      guard stride >= 0, !wide, !far, sum < Int.max else { return nil }
      last = sum
    }
    span = count > 0 ? last + 1 : 0
  }

  /// Numpy's Fortran order: the first index runs fastest.
  static func columnMajor(_ shape: [Int]) -> StridedLayout? {
    StridedLayout(shape: shape, strides: shape.indices.map { shape[..<$0].reduce(1, &*) })
  }

  /// Of an array with elements: the product of other dimensions may not fit.
  private var isRowMajor: Bool {
    var expected = 1
    for (dimension, stride) in zip(shape, strides).reversed() where dimension > 1 {
      guard stride == expected else { return false }
      expected *= dimension
    }
    return true
  }

  /// The array's elements of `size` bytes each in row-major order, taken from `bytes`, which must hold `span`
  /// elements; not copied when they lie so already.
  func rowMajor(from bytes: Data, elementSize size: Int) -> Data {
    if count == 0 { return bytes.prefix(0) }
    if isRowMajor { return bytes.dropFirst(offset * size).prefix(count * size) }
    var result = Data(capacity: count * size)
    var index = shape.map { _ in 0 }
    var from = bytes.startIndex + offset * size
    for _ in 0..<count {
      result.append(bytes[from..<from + size])
      for axis in shape.indices.reversed() {
        index[axis] += 1
        from += strides[axis] * size
        if index[axis] < shape[axis] { break }
        from -= strides[axis] * size * shape[axis]
        index[axis] = 0
      }
    }
    return result
  }
}

/// Elements in an array of `shape`; nil when a dimension is negative or the product does not fit.
func elementCount(of shape: [Int]) -> Int? {
  guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
  if shape.contains(0) { return 0 }
  var count = 1
  for dimension in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
    guard !overflow else { return nil }
    count = product
  }
  return count
}
