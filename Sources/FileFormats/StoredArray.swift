import CKernels
import Foundation

/// Numbers as a file holds them: dense, row-major, little-endian, not converted yet and, where the file
/// allows it, not copied.
public struct StoredArray: Sendable {
  public let shape: [Int]
  public let element: ElementType
  /// `count` elements of `element.size` bytes.
  public let bytes: Data

  public init(shape: [Int], element: ElementType, bytes: Data) {
    self.shape = shape
    self.element = element
    self.bytes = bytes
  }

  /// Elements in the whole array.
  public var count: Int { bytes.count / element.size }

  /// A vector, [D] or [1, D], as a matrix of one row; nil for anything else.
  public var asRow: StoredArray? {
    guard let width = shape.last, count == width, shape.count <= 2 else { return nil }
    return StoredArray(shape: [1, width], element: element, bytes: bytes)
  }

  /// The first rows of a matrix, not copied.
  public func prefix(rows: Int) -> StoredArray {
    precondition(shape.count == 2 && rows <= shape[0], "so many rows are not there")
    return StoredArray(
      shape: [rows, shape[1]], element: element, bytes: bytes.prefix(rows * shape[1] * element.size))
  }

  /// Every element as the nearest single-precision number; integers and booleans too.
  public func floats() -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let start = buffer.baseAddress { copyFloats(to: start) }
      initialized = count
    }
  }

  /// Puts `count` floats, every element as the nearest single-precision number, at `destination`.
  public func copyFloats(to destination: UnsafeMutablePointer<Float>) {
    bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      switch element {
      case .float16: capstan_half_to_float(start, destination, count)
      case .bfloat16: capstan_bfloat16_to_float(start, destination, count)
      case .float32: memcpy(destination, start, bytes.count)
      case .float64:
        for index in 0..<count {
          destination[index] = Float(start.loadUnaligned(fromByteOffset: 8 * index, as: Double.self))
        }
      case .int8, .int16, .int32, .int64, .uint8, .bool:
        for (index, value) in integers().enumerated() { destination[index] = Float(value) }
      }
    }
  }

  /// The bit patterns of half-precision elements; nil when the elements are of another type.
  public func halves() -> [UInt16]? {
    element == .float16 ? elements(of: UInt16.self) : nil
  }

  /// Every element as an integer; empty when the elements are floating-point numbers.
  public func integers() -> [Int] {
    switch element {
    case .int8: elements(of: Int8.self).map(Int.init)
    case .int16: elements(of: Int16.self).map(Int.init)
    case .int32: elements(of: Int32.self).map(Int.init)
    case .int64: elements(of: Int64.self).map(Int.init)
    case .uint8, .bool: bytes.map(Int.init)
    case .float16, .bfloat16, .float32, .float64: []
    }
  }

  private func elements<Element: BitwiseCopyable>(of type: Element.Type) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = bytes.copyBytes(to: buffer) / MemoryLayout<Element>.stride
    }
  }
}
