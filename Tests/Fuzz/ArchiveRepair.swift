import CZlib

/// Makes a damaged zip archive pass for a whole one, so that what reads its entries sees the damage.
enum ArchiveRepair {
  /// `bytes` with the right CRC-32 for every stored entry that still lies within them; anything but zip
  /// archives stays as it is.
  static func withRightChecksums(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.starts(with: [0x50, 0x4B, 3, 4]) else { return bytes }
    var repaired = bytes
    for header in bytes.indices.dropLast(46) where bytes[header..<header + 4] == [0x50, 0x4B, 1, 2] {
      let size = field(at: header + 20, width: 4, of: bytes)
      let local = field(at: header + 42, width: 4, of: bytes)
      guard local + 30 <= bytes.count else { continue }
      let start =
        local + 30 + field(at: local + 26, width: 2, of: bytes) + field(at: local + 28, width: 2, of: bytes)
      guard start + size <= bytes.count else { continue }
      let checksum = bytes.withUnsafeBufferPointer { buffer in
        crc32_z(0, buffer.baseAddress?.advanced(by: start), size)
      }
      for byte in 0..<4 {
        repaired[header + 16 + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt(byte)))
      }
    }
    return repaired
  }

  /// A little-endian integer.
  private static func field(at position: Int, width: Int, of bytes: [UInt8]) -> Int {
    bytes[position..<position + width].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
