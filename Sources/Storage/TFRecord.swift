import Foundation

/// TensorFlow's record framing (`tensorflow/core/lib/io/record_writer.h`): the length as a little-endian
/// UInt64, the masked CRC-32C of those eight bytes, the content, the masked CRC-32C of the content.
enum TFRecord {
  static func frame(_ content: Data) -> Data {
    let length = littleEndian(UInt64(content.count))
    return length + littleEndian(maskedChecksum(length)) + content + littleEndian(maskedChecksum(content))
  }

  /// Rotated and shifted, because the checksum of something that holds its own checksum is weak.
  private static func maskedChecksum(_ bytes: Data) -> UInt32 {
    let checksum = crc32c(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
  }
}

func littleEndian<Integer: FixedWidthInteger>(_ value: Integer) -> Data {
  withUnsafeBytes(of: value.littleEndian) { Data($0) }
}

/// CRC-32C (Castagnoli 1993; RFC 3720, appendix B.4); zlib's CRC-32 has another polynomial.
func crc32c(_ bytes: Data) -> UInt32 {
  ~bytes.reduce(~0) { checksum, byte in
    checksum >> 8 ^ crc32cTable[Int(UInt8(truncatingIfNeeded: checksum) ^ byte)]
  }
}

private let crc32cTable: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82f6_3b78 }
}
