import Foundation
import Support

/// A value in Thrift's compact protocol, in which Parquet writes its footer and the headers of its pages.
enum ThriftValue: Sendable {
  case boolean(Bool)
  case integer(Int)
  case double(Double)
  case binary(Data)
  case list([ThriftValue])
  /// By field number.
  case structure([Int: ThriftValue])

  /// The structure that begins at the reader's position.
  ///
  /// Throws `Failure.badData` where the bytes are no such structure.
  static func structure(from reader: inout ByteReader) throws -> ThriftValue {
    try value(.structure, from: &reader, depth: 0)
  }

  subscript(field: Int) -> ThriftValue? {
    guard case .structure(let fields) = self else { return nil }
    return fields[field]
  }

  var integer: Int? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  var boolean: Bool? {
    guard case .boolean(let value) = self else { return nil }
    return value
  }

  var text: String? {
    guard case .binary(let bytes) = self else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  var list: [ThriftValue]? {
    guard case .list(let values) = self else { return nil }
    return values
  }

  private enum Kind: UInt8 {
    case yes = 1, no, byte, int16, int32, int64, double, binary, list, set, map, structure
  }

  /// Parquet's own structures are nested six deep.
  private static let deepest = 16

  private static func value(_ kind: Kind, from reader: inout ByteReader, depth: Int) throws -> ThriftValue {
    guard depth < deepest else { throw damage(reader) }
    switch kind {
    case .yes: return .boolean(true)
    case .no: return .boolean(false)
    case .byte: return .integer(Int(try reader.integer(Int8.self)))
    case .int16, .int32, .int64: return .integer(try reader.zigzag())
    case .double: return .double(Double(bitPattern: try reader.integer(UInt64.self)))
    case .binary: return .binary(try reader.take(reader.varint()))
    case .list, .set: return .list(try elements(from: &reader, depth: depth))
    case .map: throw damage(reader)  // Parquet's structures have none.
    case .structure: return .structure(try fields(from: &reader, depth: depth))
    }
  }

  private static func elements(from reader: inout ByteReader, depth: Int) throws -> [ThriftValue] {
    let header = try reader.byte()
    let count = header >> 4 == 15 ? try reader.varint() : Int(header >> 4)
    // Every element takes at least a byte.
    guard let kind = Kind(rawValue: header & 15), count <= reader.remaining else { throw damage(reader) }
    return try (0..<count).map { _ in
      if kind == .yes || kind == .no { return .boolean(try reader.byte() == 1) }
      return try value(kind, from: &reader, depth: depth + 1)
    }
  }

  private static func fields(from reader: inout ByteReader, depth: Int) throws -> [Int: ThriftValue] {
    var fields: [Int: ThriftValue] = [:]
    var number = 0
    while case let header = try reader.byte(), header != 0 {
      guard let kind = Kind(rawValue: header & 15) else { throw damage(reader) }
      // The high half is the distance from the last field's number; 0 says that the number follows.
      let next =
        header >> 4 == 0 ? (try reader.zigzag(), false) : number.addingReportingOverflow(Int(header >> 4))
      guard !next.1 else { throw damage(reader) }
      number = next.0
      fields[number] = try value(kind, from: &reader, depth: depth + 1)
    }
    return fields
  }

  private static func damage(_ reader: ByteReader) -> Failure {
    .badData(
      "\(reader.name) is damaged: its description at offset \(reader.position) is not Parquet's; copy it or make it "
        + "again.")
  }
}

extension ByteReader {
  /// A count in seven bits a byte, the lowest first; the eighth says that more follow.
  mutating func varint() throws -> Int {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 {
        if let count = Int(exactly: value) { return count }
        break
      }
    }
    throw Failure.badData(
      "\(name) is damaged: the number at offset \(start) is too large for a count; copy it or make it again.")
  }

  /// A signed integer, coded so that small magnitudes take few bytes.
  fileprivate mutating func zigzag() throws -> Int {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { break }
    }
    return Int(bitPattern: UInt(value >> 1)) ^ -Int(value & 1)
  }
}
