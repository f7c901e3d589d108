/// The classes of characters that the rules speak of.
///
/// What is in none of them, and is named by no rule either, makes no token: controls, private use, most emoji.
enum CharacterClasses {
  /// Letters as of Unicode 6.1.
  static let letters = CodeUnitSet { scalar in
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      scalar.isKnown
    default: false
    }
  }

  static let digits = CodeUnitSet { $0.properties.generalCategory == .decimalNumber && $0.isKnown }

  /// Characters that words may hold though they are not letters: accents, and the vowel signs and points of
  /// scripts before Tibetan.
  static let marks = CodeUnitSet(
    hexadecimal: """
      02C2-02C5 02D2-02DF 02E5-02EB 02ED 02EF-036F 0375 0378-0379 0384-0385 03F6 0483-0487 055A-055F 058A
      0591-05BD 05BF 05C1-05C2 05C4-05C5 05C7 0615-061A 064B-065E 0670 06D6-06E4 06E7-06ED 06FD-06FE 070F
      0711 0730-074C 07A6-07B0 07EB-07F3 0900-0903 093C 093E-094E 0951-0955 0962-0963 0981-0983 09BC
      09BE-09C4 09C7-09C8 09CB-09CD 09D7 09E2-09E3 0A01-0A03 0A3C 0A3E-0A4F 0A81-0A83 0ABC 0ABE-0ACF 0B82
      0BBE-0BC2 0BC6-0BC8 0BCA-0BCD 0C01-0C03 0C3E-0C56 0D3E-0D44 0D46-0D48 0E31 0E34-0E3A 0E47-0E4E 0EB1
      0EB4-0EBC 0EC8-0ECD
      """)

  /// Joins words, but shows in no token.
  static let softHyphen: UInt16 = 0xAD

  static let wordUnits = letters.union(marks).union(CodeUnitSet([softHyphen...softHyphen]))

  /// Signs that are tokens as they stand.
  static let symbols = CodeUnitSet(
    hexadecimal: """
      0021 0023-0027 002A-002F 003A-0040 005C 005E-0060 007C 007E 00A1 00A5-00A9 00AC 00AE-00B4 00B6-00B9
      00BF 00D7 00F7 037E 0387 0589 05BE 05C0 05C3 05C6 05F3-05F4 0600-0603 0606-060C 0614 061B 061E-061F
      066A 066D 06D4 0700-070D 07F6-07F8 0964-0965 0E3F 0E4F 1FBD 2016-2017 201A 201E-2023 2030-2038 203B
      203E-2042 2044 2070 2074-207E 2080-208E 20A4 2100-2101 2103-2106 2108-2109 2114 2116-2118 211E-2123
      2125 2127 2129 212E 213A-213B 2140-2144 214A-214D 214F 2155-215E 2190-2BFF 3001-3002 3012 30FB
      FF01-FF0F FF1A-FF20 FF3B-FF40 FF5B-FF65 FFE0-FFE1 FFE5-FFE6
      """)

  /// What separates tokens within a line.
  static let blanks = CodeUnitSet(hexadecimal: "0009 0020 00A0 2000-200A 3000")
}

extension Unicode.Scalar {
  /// Whether Unicode 6.1 has the character.
  fileprivate var isKnown: Bool { properties.age.map { $0 <= (6, 1) } ?? false }
}
