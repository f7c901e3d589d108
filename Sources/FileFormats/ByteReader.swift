import Foundation
import Support

/// Reads bytes from front to back. What would lie past the end is a `Failure.badData`, never a trap.
struct ByteReader {
  let bytes: Data
  /// What the bytes are called in a message, such as the file's name.
  let name: String
  private(set) var position = 0

  init(_ bytes: Data, name: String, position: Int = 0) throws {
    self.bytes = bytes
    self.name = name
    try skip(position)
  }

  var remaining: Int { bytes.count - position }

  mutating func skip(_ count: Int) throws {
    guard count >= 0, count <= remaining else {
      throw Failure.badData(
        "\(name) is truncated or damaged: \(count) bytes were expected at offset \(position), where "
          + "\(remaining) are left; copy it or make it again.")
    }
    position += count
  }

  /// The next `count` bytes, not copied.
  mutating func take(_ count: Int) throws -> Data {
    let start = bytes.startIndex + position
    try skip(count)
    return bytes[start..<start + count]
  }

  mutating func byte() throws -> UInt8 {
    let index = bytes.startIndex + position
    try skip(1)
    return bytes[index]
  }

  /// The next little-endian integer.
  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(_ type: Integer.Type) throws -> Integer
  {
    let field = try take(MemoryLayout<Integer>.size)
    return Integer(littleEndian: field.withUnsafeBytes { $0.loadUnaligned(as: Integer.self) })
  }

  /// The next little-endian integer as a number of bytes or elements. A number no file can have is a failure.
  mutating func count<Integer: FixedWidthInteger & BitwiseCopyable>(_ type: Integer.Type) throws -> Int {
    let start = position
    let value = try integer(type)
    guard let count = Int(exactly: value), count >= 0 else {
      throw Failure.badData(
        "\(name) is damaged: it gives \(value) as a count at offset \(start); copy it or make it again.")
    }
    return count
  }

  /// The bytes up to the next line feed, which is passed over.
  mutating func line() throws -> Data {
    let rest = bytes.dropFirst(position)
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
      throw Failure.badData(
        "\(name) is truncated or damaged: the line at offset \(position) has no end; copy it or make it "
          + "again."
      )
    }
    let line = rest[..<end]
    try skip(line.count + 1)
    return line
  }
}
