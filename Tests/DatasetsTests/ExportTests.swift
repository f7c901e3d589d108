import Foundation
import Support
import Testing

@testable import Datasets

@Suite struct ExportTests {
  /// Three images in two splits, with interleaved captions, in half precision that single would not hide.
  static let contents = StoreContents(
    encoder: "test", normalized: false, source: "test", width: 2,
    embeddings: .float16([0x3C00, 0xFBFF, 0x0001, 0x8000, 0x3555, 0x4248]),
    imageIDs: ["b.jpg", "ü 😀.jpg", "a.jpg"], splits: ["train", "val", "train"],
    captionTexts: ["One \"dog\".", "Two\ncats,", "naïve 😀", "A dog's tail - 3!"], captionRows: [0, 1, 0, 2])

  /// Exports `contents` into a fresh directory, and runs `body` with its path.
  private func exporting(
    of contents: StoreContents = contents, split: String? = nil, _ names: String...,
    body: (_ directory: String, _ reports: [ExportReport]) throws -> Void
  ) throws {
    try StoreFixture.inDirectory { directory in
      try contents.write(to: "\(directory)/store.h5")
      var selection = try StoreSelection(of: EmbeddingStore(path: "\(directory)/store.h5"))
      if let split { selection = try selection.keeping(split: split) }
      let reports = try names.map { name in
        try selection.export(as: #require(ExportFormat(path: name)), to: "\(directory)/\(name)")
      }
      try body(directory, reports)
    }
  }

  private func expectSame(
    _ a: StoreContents, _ b: StoreContents, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(a.imageIDs == b.imageIDs, sourceLocation: sourceLocation)
    #expect(a.splits == b.splits, sourceLocation: sourceLocation)
    #expect(a.captionTexts == b.captionTexts, sourceLocation: sourceLocation)
    #expect(a.captionRows == b.captionRows, sourceLocation: sourceLocation)
    #expect(a.positions == b.positions, sourceLocation: sourceLocation)
    switch (a.embeddings, b.embeddings) {
    case (.float16(let a), .float16(let b)): #expect(a == b, sourceLocation: sourceLocation)
    case (.float32(let a), .float32(let b)):
      #expect(a.map(\.bitPattern) == b.map(\.bitPattern), sourceLocation: sourceLocation)
    default: Issue.record("the precision changed", sourceLocation: sourceLocation)
    }
  }

  private var allTrain: StoreContents {
    var contents = Self.contents
    contents.splits = ["train", "train", "train"]
    return contents
  }

  @Test(arguments: [false, true])
  func aPickleComesBackBitByBit(hasPositions: Bool) throws {
    var contents = allTrain
    if hasPositions { (contents.width, contents.positions) = (1, 2) }
    try exporting(of: contents, "x.pkl") { directory, reports in
      var request = ImportRequest(input: "\(directory)/x.pkl")
      request.encoder = "test"
      try expectSame(request.contents().contents, contents)
      #expect(reports[0].omittedImages == 0)
    }
  }

  @Test func singlePrecisionStaysSingle() throws {
    var contents = allTrain
    contents.embeddings = .float32([1, -.leastNonzeroMagnitude, 0.1, -0.0, 3e38, 5])
    try exporting(of: contents, "x.pkl", "x.npz") { directory, _ in
      for name in ["x.pkl", "x.npz"] {
        var request = ImportRequest(input: "\(directory)/\(name)")
        request.encoder = "test"
        guard case .float32(let values) = try request.contents().contents.embeddings,
          case .float32(let expected) = contents.embeddings
        else {
          Issue.record("not single")
          return
        }
        #expect(values.map(\.bitPattern) == expected.map(\.bitPattern), "\(name)")
      }
    }
  }

  @Test func anArchiveAndKarpathysJSONComeBackBitByBit() throws {
    try exporting("x.npz", "dataset_x.json") { directory, _ in
      var request = ImportRequest(input: "\(directory)/x.npz")
      (request.encoder, request.captions) = ("test", "\(directory)/dataset_x.json")
      var expected = Self.contents
      // That JSON has captions by image.
      expected.captionTexts = ["One \"dog\".", "naïve 😀", "Two\ncats,", "A dog's tail - 3!"]
      expected.captionRows = [0, 0, 1, 2]
      try expectSame(request.contents().contents, expected)
      request.captionOptions.captionColumns = ["tokens"]
      let captions = try request.contents().contents.captionTexts
      #expect(captions == ["one dog", "naïve 😀", "two cats", "a dogs tail 3"])
    }
  }

  @Test func anArchiveAndCOCOsJSONComeBackBitByBit() throws {
    try exporting(split: "train", "x.npz", "x.json") { directory, reports in
      var request = ImportRequest(input: "\(directory)/x.npz")
      (request.encoder, request.captions) = ("test", "\(directory)/x.json")
      let contents = try request.contents().contents
      #expect(contents.imageIDs == ["b.jpg", "a.jpg"])
      #expect(contents.captionTexts == ["One \"dog\".", "naïve 😀", "A dog's tail - 3!"])
      #expect(contents.captionRows == [0, 0, 1])
      #expect(reports[1].splits == ["train": 2])
    }
  }

  @Test func numbersAreNumbersInCOCOsJSON() throws {
    var contents = Self.contents
    contents.imageIDs = ["9", "0", "391895"]
    try exporting(of: contents, "x.json") { directory, _ in
      let json = try String(contentsOfFile: "\(directory)/x.json", encoding: .utf8)
      #expect(json.contains(#""id":391895"#) && json.contains(#""image_id":391895"#))
      // pycocotools copies these, and coco-caption asks for the type.
      for part in [#""info":{"#, #""licenses":[]"#, #""type":"captions""#] { #expect(json.contains(part)) }
    }
  }

  @Test func imagesWithoutCaptionsAreNotInAPickle() throws {
    var contents = Self.contents
    (contents.captionTexts, contents.captionRows) = (["one"], [2])
    try exporting(of: contents, "x.pkl") { directory, reports in
      #expect(reports[0].omittedImages == 2)
      var request = ImportRequest(input: "\(directory)/x.pkl")
      request.encoder = "test"
      let imageIDs = try request.contents().contents.imageIDs
      #expect(imageIDs == ["a.jpg"])
    }
  }

  @Test func theReportSaysWhatTheFileCannot() throws {
    var contents = Self.contents
    contents.embeddings = .float16([0x3C00, 0, 0, 0x3C00, 0x3C00, 0])
    contents.normalized = true
    try exporting(of: contents, "x.pkl") { _, reports in
      #expect(reports[0].normalized)
      #expect("\(reports[0])".contains("NORMALIZED"))
      #expect("\(reports[0])".contains("its 2 splits apart"))
    }
  }

  @Test func whatThereIsNothingOf() throws {
    var contents = Self.contents
    (contents.captionTexts, contents.captionRows) = ([], [])
    try StoreFixture.inDirectory { directory in
      try contents.write(to: "\(directory)/store.h5")
      let selection = try StoreSelection(of: EmbeddingStore(path: "\(directory)/store.h5"))
      ImportFixture.expectFailure(.usage, "no image in the split “test”") {
        _ = try selection.keeping(split: "test")
      }
      for format in [ExportFormat.clipCap, .coco, .karpathy] {
        ImportFixture.expectFailure(.usage, "No image has a caption") {
          _ = try selection.export(as: format, to: "\(directory)/x")
        }
      }
      #expect(!FileManager.default.fileExists(atPath: "\(directory)/x"))
    }
  }

  /// `Golden/Export/check.py` has Python read the files that these bytes are.
  @Test(arguments: ["written.pkl", "written.npz", "dataset_written.json", "written.json"])
  func theBytesThatPythonReads(_ name: String) throws {
    try exporting(name) { directory, _ in
      let golden = ImportFixture.folder.appending(path: "Golden/Export/\(name)")
      let written = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)"))
      let expected = try Data(contentsOf: golden)
      #expect(written == expected)
    }
  }
}
