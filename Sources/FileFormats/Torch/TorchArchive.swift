import Foundation
import Support

/// `torch.save`'s zip form: an archive with a pickle `data.pkl` and each storage in `data/KEY`, stored, not
/// deflated.
struct TorchArchive {
  private let archive: ZipArchive
  /// The folder that all entries lie in, with its slash: named after the file when it was saved.
  private let folder: String

  init(_ bytes: Data, name: String) throws {
    archive = try ZipArchive(bytes, name: name)
    let pickles = archive.entries.keys.filter { $0.hasSuffix("/data.pkl") }
    guard pickles.count == 1, let pickle = pickles.first else {
      throw Failure.badData(
        "\(name) is a zip archive but not torch's: it has \(pickles.count) entries data.pkl instead of 1.")
    }
    folder = String(pickle.dropLast("data.pkl".count))
    guard archive.entries["\(folder)constants.pkl"] == nil else {
      throw Failure.badData(
        "\(name) is a TorchScript program, and Capstan never runs code from a file; save its state_dict() "
          + "instead."
      )
    }
  }

  func value() throws -> PickleValue {
    if archive.entries["\(folder)byteorder"] != nil {
      let order = String(decoding: try content("byteorder"), as: UTF8.self)
      guard order == "little" else {
        throw Failure.badData(
          "\(archive.name) was written with byte order \(order.prefix(20).debugDescription), and only "
            + "little is read; save it again on a little-endian machine.")
      }
    }
    var found: [String: TorchStorage] = [:]
    var reader = try ByteReader(content("data.pkl"), name: archive.name)
    return try PickleReader.value(
      from: &reader,
      storages: .named { name in
        // Tensors that share a storage name it again, and its checksum is worked out once.
        let storage = try found[name.key] ?? storage(name)
        guard storage.element == name.element, storage.count == name.count else {
          throw damaged(name)
        }
        found[name.key] = storage
        return storage
      })
  }

  private func storage(_ name: TorchStorageName) throws -> TorchStorage {
    let bytes = try content("data/\(name.key)")
    guard name.count <= bytes.count, name.count * name.element.size == bytes.count else {
      throw damaged(name)
    }
    return TorchStorage(element: name.element, count: name.count, bytes: bytes)
  }

  private func damaged(_ name: TorchStorageName) -> Failure {
    .badData(
      "\(archive.name) is damaged: its storage \(name.key) does not have the \(name.count) \(name.element) "
        + "elements it declares; copy it or make it again.")
  }

  private func content(_ suffix: String) throws -> Data {
    guard let entry = archive.entries[folder + suffix], !entry.isDeflated else {
      throw Failure.badData(
        "\(archive.name) is damaged: it has no uncompressed entry \(suffix.prefix(80).debugDescription); "
          + "make it again with torch.save.")
    }
    return try archive.contents(of: entry)
  }
}
