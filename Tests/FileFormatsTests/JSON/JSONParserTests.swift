import Foundation
import Support
import Testing

@testable import FileFormats

@Suite struct JSONParserTests {
  private func values(_ text: String) throws -> [JSONValue] {
    try JSONParser.values(in: Data(text.utf8), name: "x.json")
  }

  private func member(_ key: String, _ value: JSONValue) -> JSONValue.Member {
    JSONValue.Member(key: key, value: value)
  }

  @Test func everyKindOfValue() throws {
    let text = #" {"a": [1, -2.50e+3, true, false, null, {}, []], "ü": "\"\\\/\b\f\n\r\t\u00e9"} "#
    #expect(
      try values(text) == [
        .object([
          member(
            "a",
            .array([
              .number("1"), .number("-2.50e+3"), .bool(true), .bool(false), .null, .object([]), .array([]),
            ])),
          member("ü", .string("\"\\/\u{8}\u{C}\n\r\té")),
        ])
      ])
  }

  /// Of a key that comes twice Python takes the last.
  @Test func keys() throws {
    #expect(try values(#"{"a": 1, "a": 2}"#)[0]["a"] == .number("2"))
    #expect(try values("[]")[0]["a"] == nil)
  }

  @Test func whatPythonWrites() throws {
    #expect(
      try values("[NaN, Infinity, -Infinity]") == [
        .array([.number("NaN"), .number("Infinity"), .number("-Infinity")])
      ])
    #expect(try values(#"["\ud83d\ude00"]"#) == [.array([.string("😀")])])
    for text in [#""\ud83d""#, #""\ude00""#] { #expect(try values(text) == [.string("\u{FFFD}")]) }
    #expect(try values(#""\ud83dx""#) == [.string("\u{FFFD}x")])
    #expect(try values(#""\ud83d\u0041""#) == [.string("\u{FFFD}A")])
    #expect(try values(#""\ud83d\n""#) == [.string("\u{FFFD}\n")])
    #expect(try values("\u{FEFF}[]") == [.array([])])
  }

  @Test func linesOfJSON() throws {
    #expect(try values("{}\n[]\r\n\n1\n") == [.object([]), .array([]), .number("1")])
  }

  @Test(arguments: [
    "", " ", "[", "[1", "[1,", "[1,]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}",
    "{1:1}", "'a'",
    "01", "-", "1.", ".5", "1e", "1e+", "+1", "nul", "nan", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"",
    "\"\\u+123\"",
    "\"\n\"", "\"\\ud83d\\u12\"", "1]", "\u{0}",
  ])
  func faults(_ text: String) {
    let failure = #expect(throws: Failure.self) { try values(text) }
    #expect(failure?.description.contains("x.json is not valid JSON") == true, "\(text)")
  }

  @Test func faultsThatAreNotText() {
    #expect(throws: Failure.self) { try JSONParser.values(in: Data([0x22, 0xFF, 0x22]), name: "x") }
    #expect(throws: Failure.self) { try values(String(repeating: "[", count: 100_000)) }
    #expect(throws: Failure.self) { try values(String(repeating: "{\"a\":", count: 100_000)) }
    #expect(throws: Never.self) {
      try values(String(repeating: "[", count: 100) + String(repeating: "]", count: 100))
    }
  }

  @Test func theLineIsNamed() {
    let failure = #expect(throws: Failure.self) { try values("[\n1,\n2\n3]") }
    #expect(failure?.description.contains("on line 4, where \"3]\" stands") == true)
  }
}
