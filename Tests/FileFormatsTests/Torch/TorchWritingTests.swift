import Foundation
import Support
import Testing

@testable import FileFormats

@Suite struct TorchWritingTests {
  private static var entries: [ArrayEntry] {
    ElementType.allCases.map(entry) + [
      ArrayEntry(name: "scalar", shape: [], floats: [7]),
      ArrayEntry(name: "empty", shape: [0, 5], floats: []),
    ]
  }

  /// Of bits that would not survive a conversion, in two pieces.
  private static func entry(of element: ElementType) -> ArrayEntry {
    ArrayEntry(name: "of.\(element.rawValue)", shape: [2, 3], element: element) { sink in
      let bytes: [UInt8] = (0..<6 * element.size).map { index in
        element == .bool ? UInt8(index % 2) : UInt8((index * 37 + 11) % 256)
      }
      try bytes[..<5].withUnsafeBytes(sink)
      try bytes[5...].withUnsafeBytes(sink)
    }
  }

  private static func bytes(of entry: ArrayEntry) throws -> Data {
    var bytes = Data()
    try entry.produce { bytes.append(contentsOf: $0) }
    return bytes
  }

  @Test func everyTypeComesBackBitByBit() throws {
    try inFile { path in
      try TorchFile.write(Self.entries, to: path)
      let value = try TorchFile.read(path)
      for entry in Self.entries {
        let tensor = try #require(value[entry.name]?.tensor)
        #expect(tensor.shape == entry.shape)
        #expect(tensor.element == entry.element)
        #expect(try tensor.array.bytes == Self.bytes(of: entry), "\(entry.name)")
      }
    }
  }

  @Test func aliasesShareTheirStorage() throws {
    try inFile { path in
      let weight = ArrayEntry(name: "wte.weight", shape: [2, 2], floats: [1, 2, 3, 4])
      try TorchFile.write([weight], aliases: ["lm_head.weight": "wte.weight"], to: path)
      let archive = try ZipArchive(Data(mapping: path), name: path)
      #expect(archive.entries.keys.filter { $0.hasPrefix("archive/data/") } == ["archive/data/0"])
      #expect(try TorchFile.read(path)["lm_head.weight"]?.tensor?.array.floats() == [1, 2, 3, 4])
    }
  }

  @Test func contentsAreAligned() throws {
    try inFile { path in
      try TorchFile.write(Self.entries, to: path)
      let bytes = try Data(mapping: path)
      let archive = try ZipArchive(bytes, name: path)
      for entry in archive.entries.values {
        let start = try archive.contents(of: entry).startIndex
        #expect(start % ZipWriter.alignment == 0, "\(entry.name)")
      }
    }
  }

  @Test func wideFieldsAreReadBack() throws {
    try inFile { path in
      let file = try OutputFile(creating: path)
      // As if four bytes were four gigabytes.
      let archive = ZipWriter(file, wideFrom: 4)
      try archive.add("narrow", Data([1, 2, 3]))
      try archive.add("wide", Data([1, 2, 3, 4, 5]))
      try archive.finish()
      try file.close()
      let read = try ZipArchive(Data(mapping: path), name: path)
      #expect(try read.contents(of: #require(read.entries["narrow"])) == Data([1, 2, 3]))
      #expect(try read.contents(of: #require(read.entries["wide"])) == Data([1, 2, 3, 4, 5]))
    }
  }

  @Test func theSameTensorsGiveTheSameBytes() throws {
    try inFile { first in
      try inFile { second in
        try TorchFile.write(Self.entries, aliases: ["b": "scalar", "a": "scalar"], to: first)
        try TorchFile.write(Self.entries, aliases: ["a": "scalar", "b": "scalar"], to: second)
        #expect(try Data(mapping: first) == Data(mapping: second))
      }
    }
  }

  @Test func whatCannotBeWrittenLeavesNothing() throws {
    let entry = ArrayEntry(name: "a", shape: [1], floats: [1])
    let cases: [(entries: [ArrayEntry], aliases: [String: String])] = [
      ([entry, entry], [:]), ([ArrayEntry(name: "a", shape: [2], floats: [1])], [:]),
      ([ArrayEntry(name: "a", shape: [-1], floats: [])], [:]), ([entry], ["b": "c"]), ([entry], ["a": "a"]),
    ]
    for (entries, aliases) in cases {
      try inFile { path in
        #expect(throws: Failure.self) { try TorchFile.write(entries, aliases: aliases, to: path) }
        #expect(!FileManager.default.fileExists(atPath: path))
      }
    }
  }

  /// `Golden/Formats/check.py` has PyTorch read the file that these bytes are.
  @Test func theBytesThatPyTorchReads() throws {
    try inFile { path in
      try TorchFile.write(Self.entries, aliases: ["tied": "of.float32"], to: path)
      #expect(try Data(mapping: path) == FormatsGolden.bytes("written.pt"))
    }
  }
}

/// Runs `body` with the path of a file that is not there yet, and removes it.
func inFile<Result>(_ body: (_ path: String) throws -> Result) throws -> Result {
  let path = FileManager.default.temporaryDirectory.appending(path: "storage-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}
