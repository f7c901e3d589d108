import FileFormats
import Foundation
import Support
import Testing

/// Beside what the Python package gguf reads; see `Golden/GGUF/make.py`.
@Suite struct GGUFTests {
  private static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Golden/GGUF"
  private static var types: String { folder + "/types.gguf" }

  @Test func everyTypeIsReadToTheBit() throws {
    let (file, expected) = (
      try GGUFFile(path: Self.types), try SafetensorsFile(path: Self.folder + "/types.safetensors")
    )
    #expect(Set(file.names) == Set(expected.names) && file.names.count == 12)
    for name in file.names {
      let array = try file.array(name)
      #expect(try array.shape == expected.shape(of: name))
      #expect(
        try array.floats().map(\.bitPattern) == expected.floats(of: name).map(\.bitPattern), "\(name)")
      #expect(file.typeName(of: name) == name)
    }
  }

  @Test func metadata() throws {
    let metadata = try GGUFFile(path: Self.types).metadata
    #expect(metadata["general.architecture"]?.string == "llama")
    #expect(metadata["test.integer"]?.integer == 4_000_000_000)
    #expect(metadata["test.negative"]?.integer == -5)
    #expect(metadata["test.number"]?.number == 0.5 && metadata["test.negative"]?.number == -5)
    #expect(metadata["test.boolean"]?.boolean == true)
    #expect(metadata["test.string"]?.string == "kʼaʼ")
    #expect(metadata["test.strings"]?.strings == ["a", "", "Ġb"])
    #expect(metadata["test.integers"]?.integers == [3, -1])
    #expect(metadata["test.integers"]?.strings == nil)
  }

  @Test func otherTypesAreRefusedByName() throws {
    let file = try GGUFFile(path: Self.folder + "/refused.gguf")
    expectRefusal("has weight in the type Q2_K, but Capstan reads F32, F16, Q4_0") {
      _ = try file.array("weight")
    }
    expectRefusal("has no tensor bias") { _ = try file.array("bias") }
  }

  /// A file whose header is written by hand: one pair of metadata and one tensor of 2 × 3 floats.
  private func bytes(
    magic: String = "GGUF", version: UInt32 = 3, tensors: UInt64 = 1, alignment: UInt32 = 32,
    extents: [UInt64] = [3, 2], type: UInt32 = 0, offset: UInt64 = 0, names: [String] = ["a"], data: Int = 24
  ) -> Data {
    var bytes = Data(magic.utf8)
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    func append(string: String) {
      append(UInt64(string.utf8.count))
      bytes.append(contentsOf: string.utf8)
    }
    append(version)
    append(tensors)
    append(UInt64(1))
    append(string: "general.alignment")
    append(UInt32(4))
    append(alignment)
    for name in names {
      append(string: name)
      append(UInt32(extents.count))
      for extent in extents { append(extent) }
      append(type)
      append(offset)
    }
    bytes.append(Data(count: (32 - bytes.count % 32) % 32 + data))
    return bytes
  }

  private func open(_ bytes: Data) throws -> GGUFFile {
    let path = NSTemporaryDirectory() + UUID().uuidString + ".gguf"
    try bytes.write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try GGUFFile(path: path)
  }

  @Test func extentsAreReversed() throws {
    #expect(try open(bytes()).array("a").shape == [2, 3])
    #expect(try open(bytes(version: 2)).names == ["a"])
  }

  @Test func damageIsRefused() {
    let cases: [(Data, String)] = [
      (bytes(magic: "GGML"), "is no GGUF file"), (bytes(version: 1), "of version 1"),
      (bytes(version: UInt32(3).byteSwapped), "in the other order of bytes"),
      (bytes(tensors: 1 << 62), "a count of 4611686018427387904"), (bytes(tensors: 1 << 63), "as a count"),
      (bytes(tensors: 2), "0 dimensions"), (bytes(alignment: 24), "no power of two"),
      (bytes(alignment: 0), "no power of two"), (bytes(extents: []), "0 dimensions"),
      (bytes(extents: [1, 1, 1, 1, 1]), "5 dimensions"), (bytes(extents: [0, 2]), "has the shape [2, 0]"),
      (bytes(extents: [1 << 40, 1 << 40]), "has the shape"),
      (bytes(extents: [1 << 61]), "goes beyond its end"),
      (bytes(extents: [3, 3]), "goes beyond its end"), (bytes(offset: 16), "which is no place in its data"),
      (bytes(offset: 64), "which is no place in its data"), (bytes(type: 8), "no blocks of 32"),
      (bytes(tensors: 2, names: ["a", "a"]), "the tensor a twice"),
      (bytes(tensors: 2, names: ["a", "b"]), "its tensors overlap"),
      (bytes().prefix(30), "a count of 1, more than its 30 bytes hold"),
    ]
    for (bytes, words) in cases { expectRefusal(words) { _ = try open(bytes) } }
  }

  private func expectRefusal(_ words: String, _ body: () throws -> Void) {
    let failure = #expect(throws: Failure.self) { try body() }
    #expect(failure?.kind == .badData)
    #expect(failure?.description.contains(words) == true, "“\(failure?.description ?? "")” lacks “\(words)”")
  }
}
