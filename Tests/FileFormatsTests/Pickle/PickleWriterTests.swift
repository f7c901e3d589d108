import Foundation
import Testing

@testable import FileFormats

@Suite struct PickleWriterTests {
  private func read(_ term: PickleTerm, version: UInt8 = 2) throws -> PickleValue {
    try TorchFile.value(in: PickleWriter.data(term, version: version), name: "written.pkl")
  }

  @Test func plainData() throws {
    let value = try read(
      .dictionary([
        ("none", .none), ("true", .bool(true)), ("false", .bool(false)), ("text", .string("naïve 😀\n")),
        ("tuple", .tuple([.integer(1), .tuple([]), .string("")])),
        ("ordered", .orderedDictionary([("b", .integer(1)), ("a", .integer(2))])),
      ]))
    #expect(value["none"]?.isNone == true)
    if case .bool(true) = value["true"] {} else { Issue.record("true is lost") }
    if case .bool(false) = value["false"] {} else { Issue.record("false is lost") }
    #expect(value["text"]?.string == "naïve 😀\n")
    #expect(value["tuple"]?.elements?.first?.integer == 1)
    #expect(value["ordered"]?["a"]?.integer == 2)
  }

  @Test(arguments: [0, 1, -1, 255, 65_536, 1 << 31 - 1, 1 << 31, -(1 << 31), -(1 << 31) - 1, .max, .min])
  func integers(_ value: Int) throws { #expect(try read(.integer(value)).integer == value) }

  @Test(arguments: [0, 1, 999, 1000, 1001, 2000, 2001])
  func listsInBatches(_ count: Int) throws {
    let terms = AnySequence((0..<count).lazy.map { PickleTerm.dictionary([("index", .integer($0))]) })
    let elements = try #require(try read(.list(terms)).elements)
    #expect(elements.compactMap { $0["index"]?.integer } == Array(0..<count))
  }

  @Test func bytesComeInPieces() throws {
    let value = try read(
      .bytes(count: 5) { sink in
        try [UInt8](1...3).withUnsafeBytes(sink)
        try [UInt8](4...5).withUnsafeBytes(sink)
      }, version: 4)
    guard case .bytes(let bytes) = value else {
      Issue.record("no bytes")
      return
    }
    #expect(bytes == Data(1...5))
  }

  @Test func aTensorWithItsStorage() throws {
    let entry = ArrayEntry(name: "x", shape: [2, 2], element: .float16) { sink in
      try [UInt16](arrayLiteral: 0x3C00, 0xFC01, 0x8000, 0x0001).withUnsafeBytes(sink)
    }
    let value = try read(.dictionary([("x", .tensor(entry))]), version: 4)
    #expect(value["x"]?.tensor?.shape == [2, 2])
    #expect(value["x"]?.tensor?.array.halves() == [0x3C00, 0xFC01, 0x8000, 0x0001])
  }
}
