import CZlib
import Foundation
import Support

/// A zip archive in memory, as `numpy.savez` and `torch.save` write it: stored or deflated entries, zip64.
///
/// What the archive declares is compared with what it is: entries may not claim more bytes together than the
/// archive has, which ends the overlapping kind of zip bomb, and inflating stops at `inflationLimit`, which
/// ends the other.
struct ZipArchive {
  let name: String
  let entries: [String: ZipEntry]
  private let bytes: Data

  /// Whether `bytes` begin as a zip archive does.
  static func recognizes(_ bytes: Data) -> Bool { bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

  /// Reads the central directory. `name` is the file's, for messages.
  init(_ bytes: Data, name: String) throws {
    self.bytes = bytes
    self.name = name
    var entries: [String: ZipEntry] = [:]
    var unclaimed = bytes.count
    for entry in try ZipDirectory(of: bytes, name: name).entries() {
      guard entry.storedSize <= unclaimed else {
        throw Failure.badData(
          "\(name) is damaged or hostile: its entries claim more bytes than it has; copy it or make it again."
        )
      }
      unclaimed -= entry.storedSize
      guard entries.updateValue(entry, forKey: entry.name) == nil else {
        throw Failure.badData("\(name) has two entries named \(entry.name); make it again with one.")
      }
    }
    self.entries = entries
  }

  /// The content of an entry, its checksum verified; not copied when it is stored.
  func contents(of entry: ZipEntry) throws -> Data {
    var reader = try ByteReader(bytes, name: name, position: entry.headerOffset)
    guard try reader.integer(UInt32.self) == ZipSignature.localHeader else {
      throw Failure.badData(
        "\(name) is damaged: entry \(entry.name) does not begin where the directory says.")
    }
    try reader.skip(22)
    let nameLength = Int(try reader.integer(UInt16.self)), extraLength = Int(try reader.integer(UInt16.self))
    guard try reader.take(nameLength).elementsEqual(entry.name.utf8) else {
      throw Failure.badData(
        "\(name) is damaged or hostile: entry \(entry.name) has another name where it begins; make it again.")
    }
    try reader.skip(extraLength)
    let stored = try reader.take(entry.storedSize)
    let contents = entry.isDeflated ? try inflated(stored, of: entry) : stored
    guard contents.count == entry.size, checksum(contents) == entry.checksum else {
      throw Failure.badData(
        "\(name) is damaged: the checksum or the size of entry \(entry.name) is wrong; copy it or make it "
          + "again."
      )
    }
    return contents
  }

  private func inflated(_ stored: Data, of entry: ZipEntry) throws -> Data {
    guard entry.size <= inflationLimit(storedSize: stored.count) else {
      throw Failure.badData(
        "\(name) looks like a zip bomb: entry \(entry.name) has \(stored.count) bytes and claims to inflate "
          + "to \(entry.size); if it is genuine, save it without compression.")
    }
    guard let contents = inflate(stored, size: entry.size, format: .raw) else {
      throw Failure.badData(
        "\(name) is damaged: entry \(entry.name) does not inflate to the \(entry.size) bytes it declares; "
          + "copy it or make it again.")
    }
    return contents
  }
}

/// The CRC-32 of a zip entry's content.
private func checksum(_ bytes: Data) -> UInt32 {
  bytes.withUnsafeBytes {
    UInt32(truncatingIfNeeded: crc32_z(0, $0.bindMemory(to: UInt8.self).baseAddress, $0.count))
  }
}
