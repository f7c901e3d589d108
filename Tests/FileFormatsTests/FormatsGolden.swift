import Foundation
import Support
import Testing

@testable import FileFormats

/// What other programs wrote.
enum GoldenFolder {
  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden")
}

/// The files that `Golden/Formats/make.py` wrote.
enum FormatsGolden {
  static func path(_ name: String) throws -> String {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Golden/Formats/\(name)").path
  }

  static func bytes(_ name: String) throws -> Data { try Data(mapping: path(name)) }

  static func array(_ name: String) throws -> NumpyArray { try NumpyArray(bytes(name), name: name) }
}

/// Expects a `Failure` for bad data, of one sentence that says `part`.
func expectRefusal(_ part: String, of name: String, _ body: () throws -> Void) {
  let failure = #expect(throws: Failure.self, "\(name)") { try body() }
  #expect(failure?.kind == .badData)
  #expect(failure?.description.contains(part) == true, "\(name): \(failure?.description ?? "read")")
  #expect(failure?.description.contains("\n") == false)
}
