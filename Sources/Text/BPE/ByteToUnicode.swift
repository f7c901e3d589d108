/// GPT-2's printable symbol for each byte, in which `vocab.json` and `merges.txt` are written.
///
/// Bytes that Latin-1 prints stand for themselves; the others take the code points from U+0100 on, in order,
/// so a space is "Ġ" (openai/gpt-2, `encoder.py`, `bytes_to_unicode`).
enum ByteToUnicode {
  /// The symbol of each byte: [256].
  static let scalars: [Unicode.Scalar] = {
    var spare = UInt32(0x100)
    return (UInt32(0)...0xFF).compactMap { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        defer { spare += 1 }
        return Unicode.Scalar(spare)
      }
    }
  }()

  private static let bytes = [Unicode.Scalar: UInt8](
    uniqueKeysWithValues: zip(scalars, UInt8.min...UInt8.max))

  /// The bytes of a token; nil when a character of it stands for no byte.
  static func bytes(of token: String) -> [UInt8]? {
    var decoded: [UInt8] = []
    for scalar in token.unicodeScalars {
      guard let byte = bytes[scalar] else { return nil }
      decoded.append(byte)
    }
    return decoded
  }
}
