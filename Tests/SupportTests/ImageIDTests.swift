import Foundation
import Support
import Testing

@Suite struct ImageIDTests {
  @Test func numbersOnlyWhereAllAre() throws {
    #expect(ImageID.all(["42", "-7"]) == [.number(42), .number(-7)])
    for text in ["042", "+1", "a.jpg", "99999999999999999999", ""] {
      #expect(ImageID.all(["42", text]) == [.name("42"), .name(text)])
    }
    #expect(
      String(decoding: try JSON.encoder().encode([ImageID.number(1), .name("x/y")]), as: UTF8.self)
        == #"[1,"x/y"]"#)
  }
}
