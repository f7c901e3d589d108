import CKernels
import Foundation

/// Numbers as a file holds them: dense, row-major, little-endian, not converted yet and, where the file
/// allows it, not copied.
public struct StoredArray: Sendable {
  public let shape: [Int]
  public let element: ElementType
  /// `count` elements of `element.size` bytes.
  public let bytes: Data

  /// Elements in the whole array.
  public var count: Int { bytes.count / element.size }

  /// Every element as the nearest single-precision number; integers and booleans too.
  public func floats() -> [Float] {
    switch element {
    case .float16: widened(by: capstan_half_to_float)
    case .bfloat16: widened(by: capstan_bfloat16_to_float)
    case .float32: elements(of: Float.self)
    case .float64: elements(of: Double.self).map(Float.init)
    case .int8, .int16, .int32, .int64, .uint8, .bool: integers().map(Float.init)
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

  private func widened(by convert: (UnsafeRawPointer?, UnsafeMutablePointer<Float>?, Int) -> Void) -> [Float]
  {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.withUnsafeBytes { convert($0.baseAddress, buffer.baseAddress, count) }
      initialized = count
    }
  }

  private func elements<Element: BitwiseCopyable>(of type: Element.Type) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = bytes.copyBytes(to: buffer) / MemoryLayout<Element>.stride
    }
  }
}
