import Foundation
import Support

/// What is done to chunks of data before they are written (section IV.A.2.l).
enum HDF5Filter: Equatable {
  case deflate
  /// The first bytes of all elements, then the second ones, and so on.
  case shuffle(elementSize: Int)
  /// Four bytes at the end, which are not looked at.
  case checksum

  static let checksumSize = 4

  /// The filters of a filter pipeline message, in the order of writing; none where there is no message.
  static func filters(in message: Data?, of file: HDF5Bytes) throws -> [HDF5Filter] {
    guard let message else { return [] }
    var reader = try file.reader(of: message)
    let version = try reader.byte()
    guard version == 1 || version == 2 else { throw file.unsupported("version \(version) of filters") }
    let count = try reader.byte()
    try reader.skip(version == 1 ? 6 : 0)
    return try (0..<count).map { _ in
      let id = try reader.integer(UInt16.self)
      let nameLength = version == 1 || id >= 256 ? Int(try reader.integer(UInt16.self)) : 0
      try reader.skip(2)
      let valueCount = Int(try reader.integer(UInt16.self))
      try reader.skip(version == 1 ? (nameLength + 7) & ~7 : nameLength)
      let values = try (0..<valueCount).map { _ in Int(try reader.integer(UInt32.self)) }
      try reader.skip(version == 1 && !valueCount.isMultiple(of: 2) ? 4 : 0)
      switch (id, values.first) {
      case (1, _): return .deflate
      case (2, let size?) where size > 0: return .shuffle(elementSize: size)
      case (3, _): return .checksum
      default: throw file.unsupported("compression by filter \(id)")
      }
    }
  }

  /// The bytes, at most `size`, that the filter made `bytes` of; nil where it cannot have.
  func undo(on bytes: Data, size: Int) -> Data? {
    switch self {
    case .deflate: bytes.count >= size / 1032 ? inflate(bytes, size: size, format: .zlib) : nil
    case .checksum: bytes.count >= Self.checksumSize ? bytes.dropLast(Self.checksumSize) : nil
    case .shuffle(let elementSize): Self.unshuffled(bytes, elementSize: elementSize)
    }
  }

  private static func unshuffled(_ bytes: Data, elementSize: Int) -> Data {
    let count = bytes.count / elementSize
    let shuffled = [UInt8](bytes)
    var result = shuffled
    for byte in 0..<(count > 0 ? elementSize : 0) {
      for element in 0..<count { result[element * elementSize + byte] = shuffled[byte * count + element] }
    }
    return Data(result)
  }
}
