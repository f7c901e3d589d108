import Foundation
import Fuzzing
import Support
import Testing

@testable import FileFormats

@Suite struct PickleReaderTests {
  @Test(arguments: 1...5)
  func plainDataOfEveryProtocol(_ version: Int) throws {
    let value = try TorchFile.read(FormatsGolden.path("plain-\(version).pkl"))
    #expect(value["none"]?.isNone == true)
    guard case .list(let booleans) = value["booleans"], case .bool(true) = booleans[0],
      case .bool(false) = booleans[1]
    else {
      Issue.record("booleans are not true and false")
      return
    }
    let integers = [0, 255, 256, 65535, 65536, -1, 1 << 31, -(1 << 31) - 1, .max, .min]
    #expect(value["integers"]?.integers == integers)
    if case .bigInteger(let bytes) = value["big"] {
      #expect(bytes.elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0x40]))
    } else if version > 1 {
      Issue.record("2^70 is not a big integer")
    }
    if case .float(let float) = value["float"] { #expect(float == -1.5) } else { Issue.record("no float") }
    #expect(
      value["texts"]?.elements?.map(\.string) == ["", "a", "naïve 😀", String(repeating: "x", count: 300)])
    if case .bytes(let bytes) = value["bytes"] {
      #expect(bytes.elementsEqual(0...255))
    } else {
      Issue.record("no bytes")
    }
    for key in ["tuples", "again"] {
      #expect(value[key]?.elements?.map(\.integers) == (0...4).map { Array(1..<$0 + 1) })
    }
    guard case .dictionary(let ordered) = value["ordered"], case .dictionary(let pairs) = value else {
      Issue.record("no dictionaries")
      return
    }
    #expect(ordered.map(\.key.string) == ["b", "a"])
    #expect(ordered.map(\.value.integer) == [1, 2])
    #expect(pairs.first { $0.key.integer == 7 }?.value.string == "seven")
  }

  @Test(arguments: [
    ("new", "what is not a class"), ("inst", "instruction 83"), ("extension", "instruction 130"),
    ("buffer", "instruction 151"), ("persistent", "refers to something"),
    ("cyclic-list", "contains itself"), ("cyclic-dictionary", "contains itself"),
    ("itself", "contains itself"), ("bytes", "as a count"), ("text", "4294967295 bytes were expected"),
    ("long", "2147483647 bytes were expected"), ("negative", "-1 as a count"),
    ("memo", "remembers a value as number 2147483647"), ("recall", "recalls value 2147483647"),
    ("nested", "100 levels"), ("tuples", "100 levels"), ("sizes", "other arguments"),
    ("dimensions", "other arguments"), ("mark", "fills"),
    ("underflow", "takes what is not there"), ("surrogate", "not valid Unicode"), ("protocol", "protocol 9"),
    ("repeated", "over and over"), ("files", "within a torch file"),
    ("array-large", "shape [3, 3] of float32 in 24 bytes"),
    ("array-small", "shape [1, 3] of float32 in 24 bytes"),
    ("array-negative", "shape [-2, -3]"), ("array-overflow", "in 24 bytes"),
    ("array-state", "without its type or its shape"), ("array-type", "another state than numpy does"),
    ("array-called", "calls what is not a function"), ("array-scalar", "other arguments"),
    ("array-repeated", "over and over"),
  ])
  func hostilePicklesAreRefused(_ name: String, _ part: String) throws {
    let path = try FormatsGolden.path("hostile-\(name).pkl")
    expectRefusal(part, of: name) { _ = try TorchFile.read(path) }
  }

  /// What a pickle would have Python call, or make of a class, is a name here and nothing happens.
  @Test(arguments: [("system", "posix.system"), ("eval", "__builtin__.eval"), ("object", "zlib.error")])
  func nothingIsCalled(_ name: String, _ callee: String) throws {
    guard case .opaque(callee) = try TorchFile.read(FormatsGolden.path("hostile-\(name).pkl")) else {
      Issue.record("\(name) is not opaque")
      return
    }
  }

  @Test func whatIsOpaqueHasNoContent() throws {
    let value = try TorchFile.read(FormatsGolden.path("hostile-getattr.pkl"))
    guard case .opaque("builtins.getattr") = value["x"] else {
      Issue.record("x is not opaque")
      return
    }
  }

  /// Twenty levels of lists, each ten times the one before: what is shared in the file stays shared.
  @Test func sharedListsTakeNoMoreThanTheFile() throws {
    let value = try TorchFile.read(FormatsGolden.path("shared.pkl"))
    #expect(value.elements?.count == 10)
  }

  @Test(arguments: [
    "plain-4.pkl", "tensors-2.pkl", "tensors-4.pkl", "legacy.pt", "zip.pt", "hostile-files.pkl",
  ])
  func mutatedFilesNeverCrash(_ name: String) throws {
    try Mutations.expectRefusals(of: name, among: 600) { bytes in
      let value = try TorchFile.value(in: bytes, name: name)
      // Whatever still reads as a tensor is in bounds.
      if case .dictionary(let pairs) = value { for pair in pairs { _ = pair.value.tensor?.array.floats() } }
    }
  }
}
