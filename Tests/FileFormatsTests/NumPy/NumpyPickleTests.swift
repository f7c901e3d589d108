import Foundation
import Support
import Testing

@testable import FileFormats

/// numpy's arrays and scalars in pickles, as numpy 2 writes them in protocols 2 to 5, and as numpy 1 calls its module
/// (`numpy-1.pkl`, in protocol 2). `Golden/Formats/make.py` has the values.
@Suite struct NumpyPickleTests {
  private static func read(_ version: Int) throws -> PickleValue {
    try TorchFile.read(FormatsGolden.path("numpy-\(version).pkl"))
  }

  @Test(arguments: 1...5) func arraysOfEveryType(_ version: Int) throws {
    let value = try Self.read(version)
    let kinds: [(String, ElementType)] = [
      ("f2", .float16), ("f4", .float32), ("f8", .float64), ("i1", .int8), ("i2", .int16), ("i4", .int32),
      ("i8", .int64), ("u1", .uint8), (">f2", .float16), (">f4", .float32), (">f8", .float64),
      (">i4", .int32),
      (">i8", .int64), ("again", .float32),
    ]
    for (key, element) in kinds {
      let array = try #require(value[key]?.tensor?.array, "\(key)")
      #expect(array.element == element && array.shape == [2, 3], "\(key)")
      #expect(array.floats() == [0, 1, 2, 3, 4, 5], "\(key)")
    }
    #expect(value["b1"]?.tensor?.array.integers() == [1, 0])
    #expect(value["empty"]?.tensor?.shape == [0, 3])
    #expect(value["shapeless"]?.tensor?.shape == [] && value["shapeless"]?.tensor?.array.integers() == [7])
  }

  @Test(arguments: 1...5) func arraysInOtherOrders(_ version: Int) throws {
    let value = try Self.read(version)
    #expect(value["fortran"]?.tensor?.array.floats() == [0, 1, 2, 3, 4, 5])
    #expect(value["fortran3"]?.tensor?.shape == [2, 3, 4])
    #expect(value["fortran3"]?.tensor?.array.integers() == Array(0..<24))
    #expect(value["slice"]?.tensor?.array.floats() == [4, 6, 8, 10])
  }

  @Test(arguments: 1...5) func scalars(_ version: Int) throws {
    let value = try Self.read(version)
    let scalars = try #require(value["scalars"]?.elements)
    #expect(scalars.prefix(3).map(\.integer) == [-7, 200, .max] && scalars[4].integer == 391_895)
    if case .float(let number) = scalars[3] { #expect(number == 0.1) } else { Issue.record("no float") }
    #expect(value["half"]?.tensor?.array.floats() == [0.5])
    #expect(value["single"]?.tensor?.array.floats() == [0.1])
    #expect(value["text"]?.string == "naïve 😀")
    if case .bool(true) = value["true"] {} else { Issue.record("no boolean") }
    if case .bytes(let bytes) = value["bytes"] {
      #expect(bytes.elementsEqual("a".utf8))
    } else {
      Issue.record("no bytes")
    }
    if case .bigInteger(let bytes) = value["large"] {
      #expect(bytes.elementsEqual(Array(repeating: 0xFF, count: 8) + [0]))
    } else {
      Issue.record("2^64 - 1 is not a big integer")
    }
  }

  @Test(arguments: 1...5) func typesThatAreNotReadAreOpaque(_ version: Int) throws {
    let value = try Self.read(version)
    for (key, type) in [
      ("complex", "numpy.ndarray of c8"), ("complex scalar", "numpy scalar of c8"),
      ("unsigned", "numpy.ndarray of u4"), ("objects", "numpy.ndarray of O8"),
      ("structured", "numpy.ndarray of V8"), ("texts", "numpy.ndarray of U1"),
      ("dates", "numpy.ndarray of M8"),
    ] {
      if case .opaque(let name) = value[key] { #expect(name == type) } else { Issue.record("\(key) is read") }
    }
  }
}
