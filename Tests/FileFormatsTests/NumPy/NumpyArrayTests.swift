import Foundation
import Fuzzing
import Testing

@testable import FileFormats

@Suite struct NumpyArrayTests {
  @Test(arguments: ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "fortran", "version2", "version3"])
  func numbersOfEveryTypeOrderAndVersion(_ name: String) throws {
    guard case .numbers(let array) = try FormatsGolden.array("\(name).npy") else {
      Issue.record("\(name) holds no numbers")
      return
    }
    #expect(array.shape == [2, 3])
    #expect(array.floats() == [0, 1, 2, 3, 4, 5])
    #expect(array.element.isFloatingPoint || array.integers() == [0, 1, 2, 3, 4, 5])
  }

  @Test(arguments: [("fortran3", ElementType.float32), ("positions", .float16)])
  func threeDimensions(_ name: String, _ element: ElementType) throws {
    guard case .numbers(let array) = try FormatsGolden.array("\(name).npy") else {
      Issue.record("\(name) holds no numbers")
      return
    }
    #expect(array.shape == [2, 3, 4])
    #expect(array.element == element)
    #expect(array.floats() == (0..<24).map(Float.init))
    #expect((array.halves() != nil) == (element == .float16))
  }

  @Test func shapesWithoutRowsOrWithoutDimensions() throws {
    guard case .numbers(let empty) = try FormatsGolden.array("empty.npy"),
      case .numbers(let scalar) = try FormatsGolden.array("scalar.npy"),
      case .numbers(let booleans) = try FormatsGolden.array("b1.npy")
    else {
      Issue.record("no numbers")
      return
    }
    #expect(empty.shape == [0, 3])
    #expect(empty.floats().isEmpty)
    #expect(scalar.shape.isEmpty)
    #expect(scalar.floats() == [7])
    #expect(booleans.integers() == [1, 0, 1])
  }

  @Test func strings() throws {
    guard case .strings(let unicode, [3]) = try FormatsGolden.array("unicode.npy"),
      case .strings(let bytes, [3]) = try FormatsGolden.array("bytes.npy")
    else {
      Issue.record("no strings of shape [3]")
      return
    }
    #expect(unicode == ["a.jpg", "", "naïve 😀"])
    #expect(bytes == ["a.jpg", "", "longer.jpg"])
  }

  @Test(arguments: [
    ("objects", "a pickle is a program"), ("structured", "structured array"), ("big-endian", ">f4"),
    ("complex", "<c8"), ("truncated", "23 bytes follow"), ("trailing", "25 bytes follow"),
    ("huge", "truncated or damaged"), ("surrogate", "not valid Unicode"),
  ])
  func refusals(_ name: String, _ part: String) throws {
    expectRefusal(part, of: name) { _ = try FormatsGolden.array("refused-\(name).npy") }
  }

  @Test(arguments: ["stored", "deflated"])
  func archives(_ name: String) throws {
    let archive = try NumpyArchive(FormatsGolden.bytes("\(name).npz"), name: name)
    #expect(archive.names == ["embeddings", "image_ids"])
    #expect(try archive.array(named: "other") == nil)
    guard case .numbers(let embeddings) = try archive.array(named: "embeddings"),
      case .strings(let ids, _) = try archive.array(named: "image_ids")
    else {
      Issue.record("the arrays are of other types")
      return
    }
    #expect(embeddings.shape == [2, 3])
    #expect(embeddings.floats() == [0, 1, 2, 3, 4, 5])
    #expect(ids == ["a.jpg", "b.jpg"])
  }

  @Test(arguments: ["f4.npy", "unicode.npy", "fortran3.npy"])
  func mutatedArraysNeverCrash(_ name: String) throws {
    try Mutations.expectRefusals(of: name, among: 600) { bytes in
      if case .numbers(let array) = try NumpyArray(bytes, name: name) { _ = array.floats() }
    }
  }

  @Test(arguments: ["stored.npz", "deflated.npz"])
  func mutatedArchivesNeverCrash(_ name: String) throws {
    try Mutations.expectRefusals(of: name, among: 600) { bytes in
      let archive = try NumpyArchive(bytes, name: name)
      for array in archive.names { _ = try archive.array(named: array) }
    }
  }
}
