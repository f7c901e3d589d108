import CZlib
import Essentials
import Foundation

/// A zip archive in memory, as `numpy.savez` and `torch.save` write it: stored or deflated entries, zip64.
///
/// What the archive declares is held against what it is: entries may not claim more bytes together than the
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
    let variable = try Int(reader.integer(UInt16.self)) + Int(reader.integer(UInt16.self))
    try reader.skip(variable)
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

  /// The most bytes that an entry may inflate to: embeddings and image ids shrink by a few times, a bomb by a
  /// thousand.
  static func inflationLimit(storedSize: Int) -> Int { max(64 << 20, 100 * storedSize) }

  private func inflated(_ stored: Data, of entry: ZipEntry) throws -> Data {
    guard entry.size <= Self.inflationLimit(storedSize: stored.count) else {
      throw Failure.badData(
        "\(name) looks like a zip bomb: entry \(entry.name) has \(stored.count) bytes and claims to inflate "
          + "to \(entry.size); if it is genuine, save it without compression.")
    }
    guard let contents = inflate(stored, size: entry.size) else {
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

/// Inflates a raw deflate stream (RFC 1951); nil unless it is whole and makes exactly `size` bytes.
private func inflate(_ deflated: Data, size: Int) -> Data? {
  var stream = z_stream()
  let rawDeflate = -MAX_WBITS
  guard inflateInit2_(&stream, rawDeflate, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
    return nil
  }
  defer { inflateEnd(&stream) }
  var contents = Data(count: size)
  let status = contents.withUnsafeMutableBytes { output in
    deflated.withUnsafeBytes { input in
      // zlib counts in 32 bits, so both sides are handed over in pieces.
      var (status, read, written) = (Z_OK, 0, 0)
      repeat {
        let piece = input[read...].prefix(1 << 30)
        let room = output[written...].prefix(1 << 30)
        stream.next_in = UnsafeMutablePointer(
          mutating: UnsafeRawBufferPointer(rebasing: piece).bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(piece.count)
        stream.next_out = UnsafeMutableRawBufferPointer(rebasing: room).bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(room.count)
        status = CZlib.inflate(&stream, Z_NO_FLUSH)
        read += piece.count - Int(stream.avail_in)
        written += room.count - Int(stream.avail_out)
      } while status == Z_OK
      return written == size ? status : Z_DATA_ERROR
    }
  }
  return status == Z_STREAM_END ? contents : nil
}
