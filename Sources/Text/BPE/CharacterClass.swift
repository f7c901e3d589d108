/// What the pattern of GPT-2's tokenizer tells apart: `\p{L}`, `\p{N}`, `\s`, and the rest.
///
/// The classes are those of Unicode 16.0, which the regular expressions of Hugging Face's tokenizers 0.23
/// know. Swift 6.3 knows Unicode 17.0: its 4,657 new letters and digits (U+088F, U+16EA0…, U+323B0…33479 and
/// others) are `other` here. Up to there the two agree on every code point, and a test holds them to it. (The
/// pure Python `GPT2Tokenizer` of transformers before 5 follows the Unicode of the installed `regex` package
/// instead.)
enum CharacterClass: Character {
  case letter = "L"
  case number = "N"
  case space = "S"
  case other = "O"

  init(ascii byte: UInt8) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): self = .letter
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self = .number
    case UInt8(ascii: " "), UInt8(ascii: "\t")...UInt8(ascii: "\r"): self = .space
    default: self = .other
    }
  }

  init(_ scalar: Unicode.Scalar) {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
    case .decimalNumber, .letterNumber, .otherNumber: self = .number
    default: self = properties.isWhitespace ? .space : .other
    }
    if let age = properties.age, age.major > 16 { self = .other }
  }
}

extension ArraySlice<UInt8> {
  /// The class of the scalar that begins at `start`, and where the next one begins. These bytes are valid UTF-8.
  func characterClass(at start: Int) -> (kind: CharacterClass, end: Int) {
    let lead = self[start]
    guard lead >= 0x80 else { return (CharacterClass(ascii: lead), start + 1) }
    let (scalar, end) = scalar(at: start)
    return (scalar.map { CharacterClass($0) } ?? .other, end)
  }

  /// The scalar that begins at `start`, and where the next one begins. These bytes are valid UTF-8.
  func scalar(at start: Int) -> (scalar: Unicode.Scalar?, end: Int) {
    let lead = self[start]
    guard lead >= 0x80 else { return (Unicode.Scalar(lead), start + 1) }
    let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    var value = UInt32(lead & (0x7F >> UInt8(length)))
    for byte in self[start + 1..<start + length] { value = value << 6 | UInt32(byte & 0x3F) }
    return (Unicode.Scalar(value), start + length)
  }
}
