import FileFormats
import Foundation
import Support
import Testing

@testable import Datasets

/// Bad stores: each is refused in one sentence that names the fault, and nothing half-written remains.
@Suite struct EmbeddingStoreFaultTests {
  // MARK: Contents that must not be written

  @Test func refusesToWriteBadContents() throws {
    let faults: [(words: String, make: (inout StoreContents) -> Void)] = [
      ("a.jpg occurs again in row 1", { $0.imageIDs[1] = "a.jpg" }),
      ("row 1 has image id \"\"", { $0.imageIDs[1] = "" }),
      ("split \"\"", { $0.splits[1] = "" }),
      ("1 splits for 2 rows", { $0.splits.removeLast() }),
      ("1 image ids for 2 rows", { $0.imageIDs.removeLast() }),
      ("2 caption rows for 3 captions", { $0.captionRows.removeLast() }),
      ("caption 2 describes row 2", { $0.captionRows[2] = 2 }),
      ("caption 0 describes row -1", { $0.captionRows[0] = -1 }),
      ("not a multiple of a row", { $0.width = 4 }),
      ("at least 1", { $0.width = 0 }),
      ("at least 1", { $0.positions = 0 }),
      ("not a multiple of a row", { ($0.width, $0.positions) = (.max, .max) }),
      ("no rows", { ($0.embeddings, $0.imageIDs, $0.splits, $0.captionRows) = (.float32([]), [], [], []) }),
      ("image ü.jpg (row 1)", { $0.embeddings = .float32([0, 0, 0, 0, .nan, 0]) }),
      ("image a.jpg (row 0)", { $0.embeddings = .float16([0, 0, 0xFC00, 0, 0x7C01, 0]) }),
      ("NUL", { $0.captionTexts[1] = "cut\0off" }),
    ]
    try StoreFixture.inDirectory { directory in
      for fault in faults {
        var contents = StoreFixture.contents
        fault.make(&contents)
        StoreFixture.expectBadData(fault.words) { try contents.write(to: "\(directory)/s.h5") }
      }
      let leftovers = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(leftovers.isEmpty)
    }
  }

  @Test func tellsWhereItCannotWrite() {
    #expect(throws: Failure.self) { try StoreFixture.contents.write(to: "/dev/null/at/all.h5") }
  }

  // MARK: Files that must not be read

  @Test(arguments: [
    ("double.h5", "float64"), ("big-endian.h5", "big-endian float32"), ("integers.h5", "int32"),
    ("gzip.h5", "capstan data import"), ("chunked.h5", "capstan data import"),
    ("latin1.h5", "UTF-8"), ("linked.h5", "no dataset /embeddings"), ("missing.h5", "No such file"),
    ("make.py", "is not an HDF5 file"), (".", "not a file"),
  ])
  func refusesFile(name: String, words: String) {
    let path = StoreFixture.golden(name)
    StoreFixture.expectBadData(path, words) { _ = try EmbeddingStore(path: path) }
  }

  @Test func refusesTruncatedFiles() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: StoreFixture.golden("half-variable.h5")))
    try StoreFixture.inDirectory { directory in
      let path = "\(directory)/cut.h5"
      for length in stride(from: 0, to: whole.count, by: 509) {
        try whole.prefix(length).write(to: URL(fileURLWithPath: path))
        StoreFixture.expectBadData(path) { _ = try EmbeddingStore(path: path) }
      }
    }
  }

  /// A store's parts, each of which may be missing or wrong.
  private struct Draft {
    var schema: String? = "capstan-embeddings"
    var version: Int? = 1
    var encoder: String? = "ViT-B/32"
    var normalized: Bool? = true
    var source: String? = "draft"
    var embeddings: [Float]? = [1, 2, 3, 4]
    var shape = [2, 2]
    var imageIDs: [String]? = ["a", "b"]
    var splits: [String]? = ["train", "val"]
    var captionTexts: [String]? = ["one", "two", "three"]
    var captionRows: [Int]? = [0, 1, 1]

    func write(to path: String) throws {
      let file = try HDF5Writer(creating: path)
      if let schema { try file.set(attribute: "schema", to: schema) }
      if let version { try file.set(attribute: "version", to: version) }
      if let encoder { try file.set(attribute: "encoder", to: encoder) }
      if let normalized { try file.set(attribute: "normalized", to: normalized) }
      if let source { try file.set(attribute: "source", to: source) }
      if let embeddings { try file.write(ArrayEntry(name: "/embeddings", shape: shape, floats: embeddings)) }
      if let imageIDs { try file.write(imageIDs, as: "/image_ids") }
      if let splits { try file.write(splits, as: "/splits") }
      if let captionTexts { try file.write(captionTexts, as: "/captions/text") }
      if let captionRows { try file.write(captionRows, as: "/captions/row") }
      try file.close()
    }
  }

  @Test func refusesFilesOfAnotherForm() throws {
    let faults: [(words: String, make: (inout Draft) -> Void)] = [
      ("attribute schema", { $0.schema = nil }),
      ("\"other\"", { $0.schema = "other" }),
      ("attribute version", { $0.version = nil }),
      ("version 2", { $0.version = 2 }),
      ("attribute encoder", { $0.encoder = nil }),
      ("attribute normalized", { $0.normalized = nil }),
      ("attribute source", { $0.source = nil }),
      ("no dataset /embeddings", { $0.embeddings = nil }),
      ("no dataset /image_ids", { $0.imageIDs = nil }),
      ("no dataset /splits", { $0.splits = nil }),
      ("no dataset /captions/text", { $0.captionTexts = nil }),
      ("no dataset /captions/row", { $0.captionRows = nil }),
      ("the shape [4]", { $0.shape = [4] }),
      ("the shape [1, 2, 2, 1]", { $0.shape = [1, 2, 2, 1] }),
      ("the shape [0, 2]", { ($0.embeddings, $0.shape) = ([], [0, 2]) }),
      ("1 image ids for 2 rows", { $0.imageIDs = ["a"] }),
      ("3 splits for 2 rows", { $0.splits = ["train", "val", "test"] }),
      ("2 caption rows for 3 captions", { $0.captionRows = [0, 1] }),
      ("describes row 2", { $0.captionRows = [0, 1, 2] }),
      ("describes row -1", { $0.captionRows = [0, -1, 1] }),
      ("a occurs again in row 1", { $0.imageIDs = ["a", "a"] }),
    ]
    for fault in faults {
      var draft = Draft()
      fault.make(&draft)
      try StoreFixture.inDirectory { directory in
        let path = "\(directory)/draft.h5"
        try draft.write(to: path)
        StoreFixture.expectBadData(path, fault.words) { _ = try EmbeddingStore(path: path) }
      }
    }
  }

  @Test func findsNonFiniteRows() throws {
    var draft = Draft()
    draft.embeddings = [1, 2, -.infinity, 4]
    try StoreFixture.inDirectory { directory in
      let path = "\(directory)/draft.h5"
      try draft.write(to: path)
      let store = try EmbeddingStore(path: path)
      #expect(try store.firstNonFiniteRow() == 1)
      var row: [Float] = [0, 0]
      try store.copyRow(1, to: &row)
      try store.copyRow(0, to: &row, finite: true)
      StoreFixture.expectBadData(path, "image b (row 1)") { try store.copyRow(1, to: &row, finite: true) }
      StoreFixture.expectBadData(path, "image b (row 1)") { try store.requireFinite() }
    }
  }
}
