import Foundation
import Support
import Testing

@testable import Datasets

/// What the tests of embedding stores share.
enum StoreFixture {
  /// Two images, [2, 3], with three captions.
  static let contents = StoreContents(
    encoder: "ViT-B/32", normalized: false, source: "test", width: 3,
    embeddings: .float32([1, -2, 3, 0.5, 0, -0.25]), imageIDs: ["a.jpg", "ü.jpg"], splits: ["train", "val"],
    captionTexts: ["one", "zwei ü", ""], captionRows: [0, 1, 0])

  /// A file of `Golden/Stores`.
  static func golden(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden/Stores/\(name)").path
  }

  /// Runs `body` with a fresh directory, whose path begins and ends without spaces, and removes it.
  static func inDirectory<Result>(_ body: (_ directory: String) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    return try body(directory)
  }

  static func rows(of store: EmbeddingStore) throws -> [[Float]] {
    try (0..<store.rowCount).map { row in
      try [Float](unsafeUninitializedCapacity: store.valuesPerRow) { buffer, count in
        guard let start = buffer.baseAddress else { return }
        try store.copyRow(row, to: start)
        count = store.valuesPerRow
      }
    }
  }

  /// Expects bad data, told in one line that holds each of `words`.
  static func expectBadData(
    _ words: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    do {
      try body()
      Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch let failure as Failure {
      let sentence = failure.description
      #expect(failure.kind == .badData, sourceLocation: sourceLocation)
      #expect(!sentence.contains("\n") && sentence.hasSuffix("."), sourceLocation: sourceLocation)
      for word in words {
        #expect(sentence.contains(word), "\"\(sentence)\" lacks \(word)", sourceLocation: sourceLocation)
      }
    } catch {
      Issue.record(error, sourceLocation: sourceLocation)
    }
  }
}
