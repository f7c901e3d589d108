import Foundation

/// The words of a text: lower-cased, composed (Unicode's form C), and cut at white space.
///
/// Each code point is lower-cased by itself, as Hugging Face has it: a capital sigma is σ at the end of a word, too.
enum WordSplitter {
  private static let space = UInt8(ascii: " ")

  /// - Parameter utf8: valid UTF-8, whole scalars.
  static func words(of utf8: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    let isASCII = utf8.allSatisfy { $0 < 0x80 }
    return (isASCII ? utf8.map(normalized) : normalized(utf8)).split(separator: space)
  }

  /// In lower case; white space is a space.
  private static func normalized(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
    case UInt8(ascii: "\t")...UInt8(ascii: "\r"): space
    default: byte
    }
  }

  private static func normalized(_ utf8: ArraySlice<UInt8>) -> [UInt8] {
    var text = String.UnicodeScalarView()
    for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars {
      text +=
        scalar.properties.isWhitespace
        ? " ".unicodeScalars : scalar.properties.lowercaseMapping.unicodeScalars
    }
    return Array(String(text).precomposedStringWithCanonicalMapping.utf8)
  }
}
