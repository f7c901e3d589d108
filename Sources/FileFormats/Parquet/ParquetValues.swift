import CKernels
import Foundation
import Support

/// Values of one column without those that are missing.
public enum ParquetValues: Sendable {
  case integers([Int])
  case floats([Float])
  case doubles([Double])
  case texts([String])

  init(of type: ParquetType) {
    self =
      switch type {
      case .boolean, .int32, .int64: .integers([])
      case .float, .float16: .floats([])
      case .double: .doubles([])
      case .text: .texts([])
      }
  }

  public var count: Int {
    switch self {
    case .integers(let values): values.count
    case .floats(let values): values.count
    case .doubles(let values): values.count
    case .texts(let values): values.count
    }
  }

  /// As text; an integer without a point.
  public func text(at index: Int) -> String {
    switch self {
    case .integers(let values): String(values[index])
    case .floats(let values): String(values[index])
    case .doubles(let values): String(values[index])
    case .texts(let values): values[index]
    }
  }

  /// As an array of this shape; nil where they are no floating-point numbers.
  public func array(shape: [Int]) -> StoredArray? {
    switch self {
    case .floats(let values):
      StoredArray(shape: shape, element: .float32, bytes: values.withUnsafeBytes { Data($0) })
    case .doubles(let values):
      StoredArray(shape: shape, element: .float64, bytes: values.withUnsafeBytes { Data($0) })
    case .integers, .texts: nil
    }
  }

  /// Adds values of the same type.
  mutating func append(_ other: ParquetValues) {
    switch (self, other) {
    case (.integers(var values), .integers(let others)):
      self = .integers([])
      values += others
      self = .integers(values)
    case (.floats(var values), .floats(let others)):
      self = .floats([])
      values += others
      self = .floats(values)
    case (.doubles(var values), .doubles(let others)):
      self = .doubles([])
      values += others
      self = .doubles(values)
    case (.texts(var values), .texts(let others)):
      self = .texts([])
      values += others
      self = .texts(values)
    default: preconditionFailure("values of one column are of one type")
    }
  }

  /// Values of a dictionary in the order of `indices`; nil where one is out of range.
  func selected(_ indices: [Int]) -> ParquetValues? {
    guard indices.allSatisfy((0..<count).contains) else { return nil }
    return switch self {
    case .integers(let values): .integers(indices.map { values[$0] })
    case .floats(let values): .floats(indices.map { values[$0] })
    case .doubles(let values): .doubles(indices.map { values[$0] })
    case .texts(let values): .texts(indices.map { values[$0] })
    }
  }

  /// The next `count` values in the encoding PLAIN: little-endian, text behind its length.
  init(plain count: Int, of type: ParquetType, from reader: inout ByteReader) throws {
    switch type {
    case .boolean:
      let bits = try reader.take((count + 7) / 8)
      self = .integers((0..<count).map { Int(bits[bits.startIndex + $0 / 8] >> ($0 % 8) & 1) })
    case .int32: self = .integers(try Self.stored(count, .int32, from: &reader).integers())
    case .int64: self = .integers(try Self.stored(count, .int64, from: &reader).integers())
    case .float: self = .floats(try Self.stored(count, .float32, from: &reader).floats())
    case .float16: self = .floats(try Self.stored(count, .float16, from: &reader).floats())
    case .double:
      let bytes = try Self.stored(count, .float64, from: &reader).bytes
      self = .doubles(
        [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
          initialized = bytes.copyBytes(to: buffer) / MemoryLayout<Double>.stride
        })
    case .text:
      var texts: [String] = []
      texts.reserveCapacity(min(count, reader.remaining / 4))
      for _ in 0..<count {
        let bytes = try reader.take(reader.count(UInt32.self))
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw Failure.badData("\(reader.name) has text that is not valid UTF-8; write the file again.")
        }
        texts.append(text)
      }
      self = .texts(texts)
    }
  }

  private static func stored(
    _ count: Int, _ element: ElementType, from reader: inout ByteReader
  ) throws -> StoredArray {
    // A count that no file has is refused by the reader instead of overflowing.
    let (size, overflow) = count.multipliedReportingOverflow(by: element.size)
    return StoredArray(shape: [count], element: element, bytes: try reader.take(overflow ? Int.max : size))
  }
}
