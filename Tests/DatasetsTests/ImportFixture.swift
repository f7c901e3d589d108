import Foundation
import Support
import Testing

@testable import Datasets

/// What the tests of imports share.
enum ImportFixture {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  /// A file of `Golden/Import`.
  static func golden(_ name: String) -> String { folder.appending(path: "Golden/Import/\(name)").path }

  /// Real data, which lies beside the project on its developers' machines and is not part of it.
  static let realData = folder.appending(path: "../../../shared/data").standardizedFileURL.path
  static let hasRealData = FileManager.default.fileExists(atPath: realData)

  /// The rows of `make.py`'s images.
  static let rows: [[Float]] = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]

  static func request(_ name: String, _ change: (inout ImportRequest) -> Void = { _ in }) -> ImportRequest {
    var request = ImportRequest(input: golden(name))
    request.encoder = "test"
    change(&request)
    return request
  }

  /// Writes `text` into a file for `body`, and removes it.
  static func withFile<Result>(_ text: String, _ body: (_ path: String) throws -> Result) throws -> Result {
    try StoreFixture.inDirectory { directory in
      try DurableFile.write(Data(text.utf8), to: "\(directory)/captions")
      return try body("\(directory)/captions")
    }
  }

  /// Expects a failure of `kind`, told in one line that holds `part`.
  static func expectFailure(
    _ kind: Failure.Kind, _ part: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    let failure = #expect(throws: Failure.self, sourceLocation: sourceLocation) { try body() }
    guard let failure else { return }
    #expect(failure.kind == kind, "\(failure)", sourceLocation: sourceLocation)
    #expect(failure.description.contains(part), "\(failure)", sourceLocation: sourceLocation)
    #expect(!failure.description.contains("\n"), sourceLocation: sourceLocation)
  }
}

extension StoreContents {
  /// The embeddings, one array for each row.
  var rowsOfFloats: [[Float]] {
    let values: [Float] =
      switch embeddings {
      case .float32(let values): values
      case .float16(let bits): bits.map { Float(Float16(bitPattern: $0)) }
      }
    let perRow = width * (positions ?? 1)
    return stride(from: 0, to: values.count, by: perRow).map { Array(values[$0..<$0 + perRow]) }
  }

  var isHalf: Bool { if case .float16 = embeddings { true } else { false } }
}
