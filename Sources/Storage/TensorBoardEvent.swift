import Foundation

/// What a line of a TensorBoard file says, as the protocol buffer `tensorboard.Event`.
struct TensorBoardEvent {
  enum Content {
    /// The first event of every file.
    case fileVersion
    /// Makes TensorBoard forget what earlier files say of this step and later ones.
    case sessionStart
    case scalar(tag: String, value: Float)
  }

  /// Seconds since 1970.
  var wallTime: Double
  var step: Int
  var content: Content

  var encoded: Data {
    var event = ProtocolBuffer()
    event.append(field: 1, fixed: wallTime.bitPattern)
    event.append(field: 2, varint: UInt64(bitPattern: Int64(step)))
    switch content {
    case .fileVersion:
      event.append(field: 3, bytes: Data("brain.Event:2".utf8))
    case .scalar(let tag, let value):
      var scalar = ProtocolBuffer()
      scalar.append(field: 1, bytes: Data(tag.utf8))
      scalar.append(field: 2, fixed: value.bitPattern)
      var summary = ProtocolBuffer()
      summary.append(field: 1, bytes: scalar.encoded)
      event.append(field: 5, bytes: summary.encoded)
    case .sessionStart:
      var session = ProtocolBuffer()
      session.append(field: 1, varint: 1)
      event.append(field: 7, bytes: session.encoded)
    }
    return event.encoded
  }
}

/// The wire format of protocol buffers (protobuf.dev/programming-guides/encoding). As there, a number that is
/// zero is left out.
private struct ProtocolBuffer {
  private(set) var encoded = Data()

  mutating func append(field: Int, varint value: UInt64) {
    guard value != 0 else { return }
    appendVarint(UInt64(field << 3))
    appendVarint(value)
  }

  mutating func append(field: Int, fixed value: UInt64) {
    guard value != 0 else { return }
    appendVarint(UInt64(field << 3 | 1))
    encoded += littleEndian(value)
  }

  mutating func append(field: Int, bytes: Data) {
    appendVarint(UInt64(field << 3 | 2))
    appendVarint(UInt64(bytes.count))
    encoded += bytes
  }

  /// Written even when it is zero: a scalar belongs to a choice of kinds, where absent would mean another
  /// kind.
  mutating func append(field: Int, fixed value: UInt32) {
    appendVarint(UInt64(field << 3 | 5))
    encoded += littleEndian(value)
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest > 0x7f {
      encoded.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    encoded.append(UInt8(rest))
  }
}
