import Foundation
import Support
import Testing

@testable import FileFormats

@Suite struct SafetensorsTests {
  /// `Golden/Safetensors/make.py` writes these files with Python's library.
  private static let golden = GoldenFolder.path.appending(path: "Safetensors")

  private func path(_ name: String) -> String { Self.golden.appending(path: "\(name).safetensors").path }

  private func withTemporaryFile(_ body: (_ path: String) throws -> Void) rethrows {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  // MARK: Reading

  @Test func readsEveryTypeThatPythonWrote() throws {
    let file = try SafetensorsFile(path: path("types"))
    let numbers: [Float] = [0, 1, -2.5, 96, 0x1p-24, -0.125]
    for (name, type) in [("F64", .float64), ("F32", .float32), ("F16", .float16), ("BF16", .bfloat16)]
      as [(String, ElementType)]
    {
      #expect(try file.floats(of: name) == numbers)
      #expect(try file.elementType(of: name) == type)
      #expect(try file.shape(of: name) == [2, 3])
    }
    for (name, type) in [
      ("I64", .int64), ("I32", .int32), ("I16", .int16), ("I8", .int8), ("U8", .uint8), ("BOOL", .bool),
    ] as [(String, ElementType)] {
      let array = try file.array(name)
      #expect(array.element == type)
      #expect(array.integers() == (type == .bool ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 96, 0, 0]))
      #expect(throws: Failure.self) { try file.floats(of: name) }
    }
    #expect(try file.shape(of: "scalar") == [] && file.floats(of: "scalar") == [7])
    #expect(try file.shape(of: "empty") == [0, 3] && file.floats(of: "empty") == [])
    #expect(file.names.count == 12 && file.metadata.isEmpty)
  }

  @Test func readsMetadataAndEscapes() throws {
    #expect(try SafetensorsFile(path: path("simple")).metadata == ["a \"key\"": "Straße\n\\ 猫"])
    let escapes = try SafetensorsFile(path: path("escapes"))
    #expect(escapes.names == ["A🐈/\t"])
    #expect(try escapes.floats(of: "A🐈/\t") == [2.5])
  }

  @Test func namesTheNearestTensor() throws {
    let file = try SafetensorsFile(path: path("several"))
    let failure = #expect(throws: Failure.self) { try file.shape(of: "h.0.weights") }
    #expect(failure?.kind == .badData && failure?.description.contains("h.0.weight.") == true)
  }

  @Test func refusesEveryAttack() throws {
    let attacks = try FileManager.default.contentsOfDirectory(atPath: Self.golden.path)
      .filter { $0.hasPrefix("refused-") }
    #expect(attacks.count > 40)
    for attack in attacks {
      expectRefusal(of: Self.golden.appending(path: attack).path)
    }
    expectRefusal(of: path("missing"))
    expectRefusal(of: Self.golden.path)
  }

  @Test func refusesEveryPrefix() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: path("several")))
    try withTemporaryFile { cut in
      for length in stride(from: 0, to: whole.count, by: 5) {
        try whole.prefix(length).write(to: URL(fileURLWithPath: cut))
        expectRefusal(of: cut)
      }
    }
  }

  private func expectRefusal(of path: String) {
    do {
      _ = try SafetensorsFile(path: path)
      Issue.record("\(path) was taken")
    } catch let failure as Failure {
      #expect(failure.kind == .badData && failure.description.hasPrefix(path))
      #expect(failure.description.hasSuffix(".") && failure.description.count < path.count + 250)
    } catch {
      Issue.record(error)
    }
  }

  // MARK: Writing

  /// Byte for byte what Python's library writes, given its order.
  @Test func writesWhatPythonWrites() throws {
    let numbers: [Float] = [0, 1, -2.5, 96, 0x1p-24, -0.125]
    try withTemporaryFile { written in
      try SafetensorsFile.write(
        [ArrayEntry(name: "wte.weight", shape: [2, 3], floats: numbers)],
        metadata: ["a \"key\"": "Straße\n\\ 猫"], to: written)
      #expect(try Fingerprint(ofFile: written) == Fingerprint(ofFile: path("simple")))
      let ids = ArrayEntry(name: "ids", shape: [3], element: .int64) { sink in
        for id in [3, 1, 2] as [Int64] { try withUnsafeBytes(of: id.littleEndian) { try sink($0) } }
      }
      try numbers.withUnsafeBufferPointer { numbers in
        try SafetensorsFile.write(
          [
            ids, ArrayEntry(name: "h.0.bias", shape: [1], floats: [1]),
            ArrayEntry(name: "h.0.weight", shape: [2, 3], floats: numbers),
          ], to: written)
      }
      #expect(try Fingerprint(ofFile: written) == Fingerprint(ofFile: path("several")))
    }
  }

  @Test func readsWhatItWrote() throws {
    try withTemporaryFile { path in
      try SafetensorsFile.write(
        [
          ArrayEntry(name: "\u{1F408}\"\\\n\u{1}/", shape: [], floats: [2]),
          ArrayEntry(name: "empty", shape: [3, 0], floats: []),
        ], metadata: ["z": "1", "a": ""], to: path)
      let file = try SafetensorsFile(path: path)
      #expect(file.names == ["\u{1F408}\"\\\n\u{1}/", "empty"] && file.metadata == ["z": "1", "a": ""])
      #expect(try file.floats(of: file.names[0]) == [2] && file.shape(of: "empty") == [3, 0])
      try SafetensorsFile.write([], to: path)
      #expect(try SafetensorsFile(path: path).names.isEmpty)
    }
  }

  @Test(.enabled(if: FileManager.default.isWritableFile(atPath: "/dev/full")))
  func tellsWhenTheDiskIsFull() {
    let entry = ArrayEntry(name: "a", shape: [1], floats: [1])
    let failure = #expect(throws: Failure.self) { try SafetensorsFile.write([entry], to: "/dev/full") }
    #expect(failure?.kind == .runtime && failure?.description.contains("No space left") == true)
    #expect(throws: Failure.self) { try SafetensorsFile.write([entry], to: "/nowhere/at/all") }
  }

  @Test func refusesEntriesThatCannotBe() throws {
    withTemporaryFile { path in
      for entries in [
        [ArrayEntry(name: "a", shape: [2], floats: [1])],
        [ArrayEntry(name: "a", shape: [-1], floats: [])],
        [ArrayEntry(name: "a", shape: [.max, 3], floats: [])],
        [ArrayEntry(name: "__metadata__", shape: [0], floats: [])],
        Array(repeating: ArrayEntry(name: "a", shape: [1], floats: [1]), count: 2),
      ] {
        let failure = #expect(throws: Failure.self) { try SafetensorsFile.write(entries, to: path) }
        #expect(failure?.kind == .runtime)
      }
    }
  }
}
