import Foundation

/// A message in Protocol Buffers' encoding, to which fields are added one by one.
struct ProtobufMessage {
  private(set) var bytes = Data()

  /// The last three bits of a field's key.
  private enum WireType: UInt64 {
    case varint = 0
    case eightBytes = 1
    case delimited = 2
    case fourBytes = 5
  }

  mutating func add(_ field: UInt64, _ value: Int) {
    key(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: UInt64, _ value: Double) {
    key(field, .eightBytes)
    bytes.append(littleEndian: value.bitPattern)
  }

  mutating func add(_ field: UInt64, _ value: Float) {
    key(field, .fourBytes)
    bytes.append(littleEndian: value.bitPattern)
  }

  mutating func add(_ field: UInt64, _ text: String) { add(field, Data(text.utf8)) }

  mutating func add(_ field: UInt64, _ message: ProtobufMessage) { add(field, message.bytes) }

  private mutating func add(_ field: UInt64, _ content: Data) {
    key(field, .delimited)
    varint(UInt64(content.count))
    bytes.append(content)
  }

  private mutating func key(_ field: UInt64, _ type: WireType) { varint(field << 3 | type.rawValue) }

  /// Seven bits a byte, the lowest first; the eighth says that more follow.
  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 0x7f {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
