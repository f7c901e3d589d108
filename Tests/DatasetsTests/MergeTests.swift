import Foundation
import Support
import Testing

@testable import Datasets

@Suite struct MergeTests {
  private static let first = StoreContents(
    encoder: "test", normalized: false, source: "one", width: 2,
    embeddings: .float16([0x3C00, 0xFBFF, 0x0001, 0x8000]), imageIDs: ["a", "b"], splits: ["train", "val"],
    captionTexts: ["b1", "a1", "b2"], captionRows: [1, 0, 1])
  /// `b` again, and a new image before it.
  private static let second = StoreContents(
    encoder: "test", normalized: false, source: "two", width: 2,
    embeddings: .float16([0x4000, 0x4200, 0x0001, 0x8000]), imageIDs: ["c", "b"], splits: ["test", "val"],
    captionTexts: ["b1", "c1", "b2"], captionRows: [1, 0, 1])

  private func merged(
    _ contents: StoreContents..., keepsFirst: Bool = false,
    body: (_ store: EmbeddingStore, _ report: MergeReport) throws -> Void = { _, _ in }
  ) throws {
    try StoreFixture.inDirectory { directory in
      let stores = try contents.enumerated().map { number, contents in
        try contents.write(to: "\(directory)/\(number).h5")
        return try EmbeddingStore(path: "\(directory)/\(number).h5")
      }
      let (selection, report) = try StoreSelection.merging(stores, keepsFirst: keepsFirst)
      try selection.write(to: "\(directory)/merged.h5")
      try body(EmbeddingStore(path: "\(directory)/merged.h5"), report)
    }
  }

  private func expectRefusal(_ part: String, _ change: (inout StoreContents) -> Void) {
    var other = Self.second
    change(&other)
    ImportFixture.expectFailure(.badData, part) { try merged(Self.first, other) }
  }

  @Test func imagesOfBothAreTakenOnce() throws {
    try merged(Self.first, Self.second) { store, report in
      let index = try store.index()
      #expect(index.imageIDs == ["a", "b", "c"])
      #expect(index.splits == ["train", "val", "test"])
      #expect(index.captionTexts == ["b1", "a1", "b2", "c1"])
      #expect(index.captionRows == [1, 0, 1, 2])
      #expect(store.elementType == .float16 && store.source == "one, two" && !store.normalized)
      #expect(try StoreFixture.rows(of: store) == [[1, -65504], [5.9604645e-08, -0.0], [2, 3]])
      #expect(report.joinedImages == 1 && report.differingImages == 0)
      #expect(report.splits == ["train": 1, "val": 1, "test": 1])
    }
  }

  @Test func halfBesideSingleBecomesSingle() throws {
    var single = Self.second
    single.embeddings = .float32([0.1, 0.2, 5.9604645e-08, -0.0])
    try merged(Self.first, single) { store, _ in
      #expect(store.elementType == .float32)
      let rows = try StoreFixture.rows(of: store)
      #expect(rows == [[1, -65504], [5.9604645e-08, -0.0], [0.1, 0.2]])
    }
  }

  @Test func whatDiffersIsRefused() {
    expectRefusal("different embeddings") { $0.embeddings = .float16([0x4000, 0x4200, 0x0001, 0x0000]) }
    expectRefusal("different captions") { $0.captionTexts = ["b2", "c1", "b1"] }
    expectRefusal("different splits") { $0.splits = ["test", "train"] }
  }

  @Test func theFirstIsKept() throws {
    var other = Self.second
    other.embeddings = .float16([0x4000, 0x4200, 0, 0])
    other.captionTexts = ["x", "c1", "y"]
    try merged(Self.first, other, keepsFirst: true) { store, report in
      let (texts, rows) = try (store.captionTexts.all(), StoreFixture.rows(of: store))
      #expect(texts == ["b1", "a1", "b2", "c1"])
      #expect(rows[1] == [5.9604645e-08, -0.0])
      #expect(report.joinedImages == 0 && report.differingImages == 1)
    }
  }

  @Test func storesMustAgree() {
    expectRefusal("encoder") { $0.encoder = "other" }
    expectRefusal("normalized") { $0.normalized = true }
    expectRefusal("width") { ($0.width, $0.positions) = (1, 2) }
    ImportFixture.expectFailure(.usage, "at least two") { try merged(Self.first) }
  }
}
