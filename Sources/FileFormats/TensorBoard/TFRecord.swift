import Foundation

/// The frame that TensorFlow puts around each record of a file: its length and its content, each with a checksum.
enum TFRecord {
  static func frame(_ content: Data) -> Data {
    let length = littleEndian(UInt64(content.count))
    return length + littleEndian(maskedChecksum(of: length)) + content
      + littleEndian(maskedChecksum(of: content))
  }

  /// A checksum of bytes that hold checksums themselves is weak, so TensorFlow turns and shifts it.
  static func maskedChecksum(of bytes: Data) -> UInt32 {
    let checksum = CRC32C.checksum(of: bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }
}
