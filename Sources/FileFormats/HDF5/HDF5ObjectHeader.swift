import Foundation
import Support

/// What is said of a group or a dataset: messages of many types (section IV.A).
struct HDF5ObjectHeader {
  enum MessageType: UInt16 {
    case dataspace = 0x01
    case linkInfo = 0x02
    case datatype = 0x03
    case link = 0x06
    case layout = 0x08
    case filters = 0x0B
    case attribute = 0x0C
    case continuation = 0x10
    case symbolTable = 0x11
    case attributeInfo = 0x15
  }

  private struct Message {
    let type: MessageType
    let body: Data
    /// It stands elsewhere in the file, and here is only where.
    let isShared: Bool
  }

  /// Far more than a store needs.
  private static let mostMessages = 1 << 16, mostBlocks = 1 << 10

  private let file: HDF5Bytes
  private var messages: [Message] = []

  /// Throws `Failure.badData` where there is no header at `address`, or it is damaged.
  init(at address: UInt64, in file: HDF5Bytes) throws {
    self.file = file
    var reader = try file.reader(at: address)
    let first: Data
    var form = Form.first
    switch try reader.byte() {
    case 1:
      try reader.skip(7)
      let size = try reader.count(UInt32.self)
      try reader.skip(4)
      first = try reader.take(size)
    case UInt8(ascii: "O"):
      guard try reader.take(4).elementsEqual("HDR\u{2}".utf8) else {
        throw file.damaged("there is no object header at offset \(address)")
      }
      let flags = try reader.byte()
      try reader.skip((flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0))
      form = .second(tracksOrder: flags & 4 != 0)
      first = try reader.take(reader.count(width: 1 << (flags & 3)))
    default: throw file.damaged("there is no object header at offset \(address)")
    }
    try readMessages(from: first, form)
  }

  private enum Form {
    case first
    case second(tracksOrder: Bool)
  }

  private mutating func readMessages(from first: Data, _ form: Form) throws {
    var blocks = [first]
    var read = 0
    while read < blocks.count {
      var reader = try file.reader(of: blocks[read])
      read += 1
      while let (type, flags, body) = try Self.nextMessage(from: &reader, form) {
        // Other messages are about times, fill values and the like.
        guard let type = MessageType(rawValue: type) else { continue }
        if type == .continuation {
          try blocks.append(block(continuedBy: body, form))
        } else {
          messages.append(Message(type: type, body: body, isShared: flags & 2 != 0))
        }
        guard messages.count <= Self.mostMessages, blocks.count <= Self.mostBlocks else {
          throw file.damaged("an object has more properties than can be")
        }
      }
    }
  }

  private static func nextMessage(
    from reader: inout ByteReader, _ form: Form
  ) throws -> (type: UInt16, flags: UInt8, body: Data)? {
    switch form {
    case .first:
      guard reader.remaining >= 8 else { return nil }
      let (type, size, flags) = try (
        reader.integer(UInt16.self), reader.integer(UInt16.self), reader.byte()
      )
      try reader.skip(3)
      return (type, flags, try reader.take(Int(size)))
    case .second(let tracksOrder):
      guard reader.remaining >= (tracksOrder ? 6 : 4) else { return nil }
      let (type, size, flags) = try (reader.byte(), reader.integer(UInt16.self), reader.byte())
      try reader.skip(tracksOrder ? 2 : 0)
      return (UInt16(type), flags, try reader.take(Int(size)))
    }
  }

  private func block(continuedBy body: Data, _ form: Form) throws -> Data {
    var place = try file.reader(of: body)
    let (address, length) = try (place.integer(UInt64.self), place.count(UInt64.self))
    switch form {
    case .first:
      var reader = try file.reader(at: address)
      return try reader.take(length)
    case .second:
      var reader = try file.reader(at: address, after: "OCHK")
      return try reader.take(length - 8)  // without the signature and the checksum
    }
  }

  /// The bodies of all messages of a type.
  func all(_ type: MessageType) throws -> [Data] {
    try messages.filter { $0.type == type }.map { message in
      guard !message.isShared else { throw file.unsupported("a type or property that objects share") }
      return message.body
    }
  }

  /// The body of the first message of a type; nil when there is none.
  func first(_ type: MessageType) throws -> Data? { try all(type).first }
}

extension ByteReader {
  /// The next little-endian integer of 1, 2, 4 or 8 bytes as a number of bytes or elements.
  mutating func count(width: Int) throws -> Int {
    switch width {
    case 1: try Int(byte())
    case 2: try Int(integer(UInt16.self))
    case 4: try count(UInt32.self)
    default: try count(UInt64.self)
    }
  }
}
