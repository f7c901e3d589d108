import Foundation
import Support

/// `torch.save`'s form before torch 1.6: five pickles in a row (a magic number, the protocol, facts about the
/// system, the object, the keys of its storages), then each storage as its count of elements in 64 bits and
/// its bytes.
struct TorchLegacy {
  /// The pickle of 0x1950a86a20f9469cfc6c in protocol 2.
  static let magic: [UInt8] = [
    0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]

  static let version = 1001

  private let reader: ByteReader

  static func recognizes(_ bytes: Data) -> Bool { bytes.starts(with: magic) }

  init(_ bytes: Data, name: String) throws {
    guard Self.recognizes(bytes) else {
      throw Failure.badData("\(name) is damaged: torch's magic number is missing; make it again.")
    }
    reader = try ByteReader(bytes, name: name, position: Self.magic.count)
  }

  func value() throws -> PickleValue {
    var reader = reader
    guard try plain(&reader).integer == Self.version else {
      throw Failure.badData(
        "\(reader.name) has another version of torch's legacy format than \(Self.version); save it again.")
    }
    guard case .bool(true) = try plain(&reader)["little_endian"] else {
      throw Failure.badData(
        "\(reader.name) was not written on a little-endian machine; save it again on one.")
    }
    // The object comes before its storages: read once for their names, and again when they are there.
    let start = reader
    var names: [String: TorchStorageName] = [:]
    _ = try PickleReader.value(
      from: &reader,
      storages: .named { name in
        names[name.key] = name
        return TorchStorage(element: name.element, count: name.count, bytes: Data())
      })
    let storages = try storages(names, from: &reader)
    reader = start
    return try PickleReader.value(
      from: &reader,
      storages: .named { name in
        guard let storage = storages[name.key], storage.element == name.element, storage.count == name.count
        else {
          throw damaged(name.key)
        }
        return storage
      })
  }

  private func storages(_ names: [String: TorchStorageName], from reader: inout ByteReader) throws
    -> [String: TorchStorage]
  {
    guard let keys = try plain(&reader).elements else { throw damaged("list") }
    var storages: [String: TorchStorage] = [:]
    for key in keys {
      let count = try reader.count(Int64.self)
      guard let key = key.string, let name = names[key], name.count == count, count <= reader.remaining else {
        throw damaged(key.string ?? "without a name")
      }
      let bytes = try reader.take(count * name.element.size)
      storages[key] = TorchStorage(element: name.element, count: count, bytes: bytes)
    }
    return storages
  }

  private func plain(_ reader: inout ByteReader) throws -> PickleValue {
    try PickleReader.value(from: &reader, storages: .named { throw damaged($0.key) })
  }

  private func damaged(_ key: String) -> Failure {
    .badData(
      "\(reader.name) is damaged: its storage \(key.prefix(40).debugDescription) is not as it is declared; "
        + "copy it or make it again.")
  }
}
