/// Letters and digits as the Stanford tokenizer of 2014 knows them: those of Unicode 6.
enum LetterSets {
  static let letters = CodeUnitSet { $0.isOfUnicode6 && $0.properties.isLetter }
  static let digits = CodeUnitSet { $0.isOfUnicode6 && $0.properties.generalCategory == .decimalNumber }

  /// Letters, the soft hyphen, and marks and signs that may stand within a word.
  static let wordUnits = CodeUnitSet(letters.ranges + [0xAD...0xAD] + marks)

  private static let marks: [ClosedRange<UInt16>] = [
    0x2C2...0x379, 0x384...0x385, 0x3F6...0x3F6, 0x483...0x487, 0x55A...0x55F, 0x591...0x5BD, 0x5BF...0x5BF,
    0x5C1...0x5C2, 0x5C4...0x5C5, 0x5C7...0x5C7, 0x615...0x61A, 0x64B...0x65E, 0x670...0x670, 0x6D6...0x6ED,
    0x6FD...0x6FE, 0x70F...0x7B0, 0x7EB...0x7F3, 0x900...0x903, 0x93C...0x94E, 0x951...0x955, 0x962...0x963,
    0x981...0x983, 0x9BC...0x9C4, 0x9C7...0x9C8, 0x9CB...0x9CD, 0x9D7...0x9D7, 0x9E2...0x9E3, 0xA01...0xA03,
    0xA3C...0xA3C, 0xA3E...0xA4F, 0xA81...0xA83, 0xABC...0xACF, 0xB82...0xB82, 0xBBE...0xBC2, 0xBC6...0xBC8,
    0xBCA...0xBCD, 0xC01...0xC03, 0xC3E...0xC56, 0xD3E...0xD44, 0xD46...0xD48, 0xE31...0xE3A, 0xE47...0xE4E,
    0xEB1...0xEBC, 0xEC8...0xECD,
  ]

  /// A character in both its cases, and the letters beyond ASCII that have an ASCII letter for a case.
  static func caseless(_ scalar: Unicode.Scalar) -> [UInt16] {
    let text = String(scalar)
    let cases = [scalar] + text.lowercased().unicodeScalars + text.uppercased().unicodeScalars
    let more: [Unicode.Scalar: [UInt16]] = ["k": [0x212A], "s": [0x17F], "i": [0x130, 0x131]]
    return cases.map { UInt16($0.value) } + (more[cases[1]] ?? [])
  }
}

extension Unicode.Scalar {
  fileprivate var isOfUnicode6: Bool { properties.age.map { $0.major <= 6 } ?? false }
}

extension Unicode.Scalar.Properties {
  fileprivate var isLetter: Bool {
    switch generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
