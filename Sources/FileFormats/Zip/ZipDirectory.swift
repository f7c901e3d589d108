import Foundation
import Support

/// A file in a zip archive, as the central directory describes it.
struct ZipEntry {
  let name: String
  let isDeflated: Bool
  /// Bytes in the archive.
  let storedSize: Int
  /// Bytes of the content.
  let size: Int
  /// CRC-32 of the content.
  let checksum: UInt32
  /// Where in the archive the entry's own header begins.
  let headerOffset: Int
}

/// Signatures of a zip archive's records (APPNOTE.TXT 6.3.10, section 4.3).
enum ZipSignature {
  static let localHeader: UInt32 = 0x0403_4B50
  static let directoryHeader: UInt32 = 0x0201_4B50
  static let directoryEnd: UInt32 = 0x0605_4B50
  static let directoryEnd64: UInt32 = 0x0606_4B50
  static let directoryEnd64Locator: UInt32 = 0x0706_4B50
}

/// The central directory at the end of a zip archive.
struct ZipDirectory {
  private let entryCount: Int
  private let reader: ByteReader

  init(of bytes: Data, name: String) throws {
    // The end record is 22 bytes and a comment of at most 65,535.
    let tail = bytes.suffix(22 + 0xFFFF)
    guard let signature = tail.range(of: Data([0x50, 0x4B, 0x05, 0x06]), options: .backwards) else {
      throw Failure.badData(
        "\(name) begins as a zip archive but has no directory at its end: it is truncated; copy it or make "
          + "it again."
      )
    }
    let end = signature.lowerBound - bytes.startIndex
    var record = try ByteReader(bytes, name: name, position: end + 10)
    var count = try Int(record.integer(UInt16.self))
    try record.skip(4)
    var offset = try Int(record.integer(UInt32.self))
    try record.skip(Int(record.integer(UInt16.self)))

    let locatorSize = 20
    if end >= locatorSize {
      var locator = try ByteReader(bytes, name: name, position: end - locatorSize)
      if try locator.integer(UInt32.self) == ZipSignature.directoryEnd64Locator {
        try locator.skip(4)
        record = try ByteReader(bytes, name: name, position: locator.count(UInt64.self))
        guard try record.integer(UInt32.self) == ZipSignature.directoryEnd64 else {
          throw Failure.badData(
            "\(name) is damaged: its zip64 directory is not where it says; make it again.")
        }
        try record.skip(28)
        count = try record.count(UInt64.self)
        try record.skip(8)
        offset = try record.count(UInt64.self)
      }
    }
    entryCount = count
    reader = try ByteReader(bytes, name: name, position: offset)
  }

  func entries() throws -> [ZipEntry] {
    var reader = reader
    var entries: [ZipEntry] = []
    while entries.count < entryCount { entries.append(try Self.entry(from: &reader)) }
    return entries
  }

  private static func entry(from reader: inout ByteReader) throws -> ZipEntry {
    guard try reader.integer(UInt32.self) == ZipSignature.directoryHeader else {
      throw Failure.badData(
        "\(reader.name) is damaged: its zip directory breaks off at offset \(reader.position - 4); copy it "
          + "or make it again.")
    }
    try reader.skip(4)
    let flags = try reader.integer(UInt16.self)
    let method = try reader.integer(UInt16.self)
    try reader.skip(4)
    let checksum = try reader.integer(UInt32.self)
    let storedSize = try reader.integer(UInt32.self)
    let size = try reader.integer(UInt32.self)
    let nameLength = try Int(reader.integer(UInt16.self))
    let extraLength = try Int(reader.integer(UInt16.self))
    let commentLength = try Int(reader.integer(UInt16.self))
    try reader.skip(8)
    let offset = try reader.integer(UInt32.self)
    let nameBytes = try reader.take(nameLength)
    var wide = try zip64Field(in: reader.take(extraLength), name: reader.name)
    try reader.skip(commentLength)

    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw Failure.badData("\(reader.name) has an entry whose name is not UTF-8; make it again.")
    }
    let isEncrypted = flags & 1 != 0
    guard !isEncrypted, method == 0 || method == 8 else {
      throw Failure.badData(
        "\(reader.name) holds entry \(name) "
          + "\(isEncrypted ? "encrypted" : "compressed by method \(method)"); save it stored or deflated, "
          + "as numpy.savez does.")
    }
    let wideSize = try widened(size, by: &wide)
    let wideStoredSize = try widened(storedSize, by: &wide)
    let wideOffset = try widened(offset, by: &wide)
    return ZipEntry(
      name: name, isDeflated: method == 8, storedSize: wideStoredSize, size: wideSize, checksum: checksum,
      headerOffset: wideOffset)
  }
}

/// The content of the zip64 field (APPNOTE.TXT 4.5.3) among an entry's extra fields; empty when there is
/// none.
private func zip64Field(in extra: Data, name: String) throws -> ByteReader {
  var reader = try ByteReader(extra, name: name)
  while reader.remaining >= 4 {
    let id = try reader.integer(UInt16.self)
    let content = try reader.take(Int(reader.integer(UInt16.self)))
    if id == 1 { return try ByteReader(content, name: name) }
  }
  return try ByteReader(Data(), name: name)
}

/// A 32-bit field of the directory, or, where it is saturated, the zip64 field's next value in its place.
private func widened(_ narrow: UInt32, by wide: inout ByteReader) throws -> Int {
  narrow == .max ? try wide.count(UInt64.self) : Int(narrow)
}
