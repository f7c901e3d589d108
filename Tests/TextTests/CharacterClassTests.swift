import Testing

@testable import Text

@Suite struct CharacterClassTests {
  /// If this fails after a change of compiler, Swift knows a newer Unicode: see `CharacterClass`.
  @Test func everyCodePointHasTheClassOfHuggingFacesPattern() throws {
    var expected = [CharacterClass](repeating: .other, count: 0x110000)
    for line in try Golden.text("classes.txt").split(separator: "\n") {
      let parts = line.split(separator: " ")
      let first = try #require(Int(parts[1], radix: 16))
      let last = try #require(Int(parts[2], radix: 16))
      let kind = try #require(CharacterClass(rawValue: Character(String(parts[0]))))
      for code in first...last { expected[code] = kind }
    }
    var wrong: [Unicode.Scalar] = []
    for code in 0..<UInt32(0x110000) {
      guard let scalar = Unicode.Scalar(code) else { continue }
      if CharacterClass(scalar) != expected[Int(code)] { wrong.append(scalar) }
      if code < 0x80, CharacterClass(ascii: UInt8(code)) != expected[Int(code)] { wrong.append(scalar) }
    }
    #expect(wrong.isEmpty)
  }
}
