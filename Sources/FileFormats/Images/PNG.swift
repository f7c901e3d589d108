import CZlib
import Foundation
import Support

/// Portable Network Graphics (ISO/IEC 15948), as much as is needed to write a picture of 8-bit red, green,
/// blue.
public enum PNG {
  /// The file of a picture. `pixels`: [height, width, 3], row by row from the top.
  ///
  /// Throws `Failure.runtime` when the sizes disagree or zlib fails.
  public static func encode(pixels: [UInt8], width: Int, height: Int) throws -> Data {
    guard (1...0x7fff_ffff).contains(width), (1...0x7fff_ffff).contains(height),
      pixels.count / 3 / width == height, pixels.count == 3 * width * height
    else {
      throw Failure.runtime(
        "\(pixels.count) bytes of pixels cannot be a picture of \(width)×\(height); give 3 bytes a pixel.")
    }
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]  // 8 bits, RGB
    var lines: [UInt8] = []
    lines.reserveCapacity(pixels.count + height)
    for row in 0..<height {
      lines.append(0)  // the line's filter: none
      lines += pixels[row * width * 3..<(row + 1) * width * 3]
    }
    let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    return Data(
      signature + chunk("IHDR", header) + chunk("IDAT", try deflate(lines)) + chunk("IEND", []))
  }

  /// Length, type, content, and the CRC-32 of type and content.
  private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    return bigEndian(UInt32(content.count)) + body + bigEndian(UInt32(crc32_z(0, body, body.count)))
  }

  private static func deflate(_ bytes: [UInt8]) throws -> [UInt8] {
    var count = compressBound(uLong(bytes.count))
    var compressed = [UInt8](repeating: 0, count: Int(count))
    let status = compress(&compressed, &count, bytes, uLong(bytes.count))
    guard status == Z_OK else {
      throw Failure.runtime("zlib could not compress a picture of \(bytes.count) bytes (status \(status)).")
    }
    return Array(compressed.prefix(Int(count)))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}
