import CZlib
import Foundation
import Support

/// Writes a zip archive of stored entries (APPNOTE.TXT 6.3.10), their contents aligned as torch has them, so
/// that a reader may map the file and use them in place. No times are written: the same entries give the same
/// bytes.
final class ZipWriter {
  /// Where in the file an entry's content begins: at a multiple of this.
  static let alignment = 64

  private let file: OutputFile
  /// Sizes and offsets from here on are written in zip64's fields.
  private let wideFrom: Int
  private var entries: [(header: Header, offset: Int)] = []

  init(_ file: OutputFile, wideFrom: Int = Int(UInt32.max)) {
    (self.file, self.wideFrom) = (file, wideFrom)
  }

  /// Adds an entry of `size` bytes, which `produce` hands over in pieces.
  func add(_ name: String, size: Int, produce: (_ sink: ByteSink) throws -> Void) throws {
    var header = Header(name: name, size: size, isWide: size >= wideFrom)
    let offset = file.byteCount
    let padding = Self.alignment - 1 - (offset + header.local(padding: 0).count - 1) % Self.alignment
    try file.write(header.local(padding: padding))
    let start = file.byteCount
    var checksum: UInt = 0
    try produce { bytes in
      checksum = crc32_z(checksum, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
      try file.write(bytes)
    }
    guard file.byteCount - start == size else {
      throw Failure.runtime(
        "Could not write \(file.path): its entry \(name) came as \(file.byteCount - start) bytes instead of "
          + "\(size).")
    }
    header.checksum = UInt32(truncatingIfNeeded: checksum)
    try file.replace(at: offset, by: header.local(padding: padding))
    entries.append((header, offset))
  }

  func add(_ name: String, _ content: Data) throws {
    try add(name, size: content.count) { sink in try content.withUnsafeBytes(sink) }
  }

  /// Writes the directory, without which the file is no archive.
  func finish() throws {
    let start = file.byteCount
    for entry in entries { try file.write(entry.header.central(offset: entry.offset, wideFrom: wideFrom)) }
    let size = file.byteCount - start
    let isWide = entries.count >= UInt16.max || start >= wideFrom || size >= wideFrom
    var end = Data()
    if isWide {
      let record = file.byteCount
      end.append(littleEndian: ZipSignature.directoryEnd64)
      end.append(littleEndian: UInt64(44))  // what follows of this record
      for _ in 0..<2 { end.append(littleEndian: Header.wideVersion) }
      end.append(Data(count: 8))  // this disk, and the directory's
      for count in [entries.count, entries.count, size, start] { end.append(littleEndian: UInt64(count)) }
      end.append(littleEndian: ZipSignature.directoryEnd64Locator)
      end.append(Data(count: 4))
      end.append(littleEndian: UInt64(record))
      end.append(littleEndian: UInt32(1))  // disks
    }
    end.append(littleEndian: ZipSignature.directoryEnd)
    end.append(Data(count: 4))
    for _ in 0..<2 { end.append(littleEndian: isWide ? UInt16.max : UInt16(entries.count)) }
    for value in [size, start] { end.append(littleEndian: isWide ? UInt32.max : UInt32(value)) }
    end.append(Data(count: 2))  // no comment
    try file.write(end)
  }

  /// What stands before an entry's content and, again, in the directory.
  private struct Header {
    static let version: UInt16 = 20
    static let wideVersion: UInt16 = 45
    private static let wideField: UInt16 = 1
    /// torch's field for padding, `FB`.
    private static let paddingField: UInt16 = 0x4246

    let name: String
    let size: Int
    /// Whether the size stands in a zip64 field.
    let isWide: Bool
    var checksum: UInt32 = 0

    /// The local header, with `padding` bytes besides the padding field's own four.
    func local(padding: Int) -> Data {
      var extra = Data()
      if isWide { extra.appendField(Self.wideField, [size, size]) }
      extra.append(littleEndian: Self.paddingField)
      extra.append(littleEndian: UInt16(padding))
      extra.append(Data(count: padding))
      var header = Data()
      header.append(littleEndian: ZipSignature.localHeader)
      header.append(common(extra: extra, isWide: isWide))
      return header + Data(name.utf8) + extra
    }

    func central(offset: Int, wideFrom: Int) -> Data {
      let isFar = offset >= wideFrom
      let wide: [Int] = (isWide ? [size, size] : []) + (isFar ? [offset] : [])
      var extra = Data()
      if !wide.isEmpty { extra.appendField(Self.wideField, wide) }
      var header = Data()
      header.append(littleEndian: ZipSignature.directoryHeader)
      header.append(littleEndian: Self.wideVersion)
      header.append(common(extra: extra, isWide: isWide || isFar))
      header.append(Data(count: 10))  // no comment, the first disk, no attributes
      header.append(littleEndian: isFar ? UInt32.max : UInt32(offset))
      return header + Data(name.utf8) + extra
    }

    /// The fields that both headers have, in the same order.
    private func common(extra: Data, isWide: Bool) -> Data {
      let utf8Names: UInt16 = 1 << 11
      let firstOfJanuary1980: UInt16 = 0x21
      var fields = Data()
      fields.append(littleEndian: isWide ? Self.wideVersion : Self.version)
      fields.append(littleEndian: utf8Names)
      fields.append(Data(count: 4))  // stored, at midnight
      fields.append(littleEndian: firstOfJanuary1980)
      fields.append(littleEndian: checksum)
      for _ in 0..<2 { fields.append(littleEndian: self.isWide ? UInt32.max : UInt32(size)) }
      fields.append(littleEndian: UInt16(name.utf8.count))
      fields.append(littleEndian: UInt16(extra.count))
      return fields
    }
  }
}

extension Data {
  mutating func append(littleEndian integer: some FixedWidthInteger & BitwiseCopyable) {
    Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
  }

  /// An extra field of a zip archive, of 64-bit integers.
  fileprivate mutating func appendField(_ id: UInt16, _ values: [Int]) {
    append(littleEndian: id)
    append(littleEndian: UInt16(8 * values.count))
    for value in values { append(littleEndian: UInt64(value)) }
  }
}
