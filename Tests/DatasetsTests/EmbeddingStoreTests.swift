import Foundation
import Support
import Testing

@testable import Datasets

@Suite struct EmbeddingStoreTests {
  /// What `Golden/Stores/make.py` put into its stores.
  private struct Expected: Decodable {
    let values: [[Float]]
    let imageIDs, splits, captionTexts: [String]
    let captionRows: [Int]

    init() throws {
      let json = try Data(contentsOf: URL(fileURLWithPath: StoreFixture.golden("expected.json")))
      self = try JSONDecoder().decode(Expected.self, from: json)
    }
  }

  @Test(arguments: ["half-variable.h5", "single-fixed.h5"])
  func readsWhatH5pyWrote(name: String) throws {
    let expected = try Expected()
    let store = try EmbeddingStore(path: StoreFixture.golden(name))
    #expect(store.encoder == "ViT-B/32")
    #expect(!store.normalized)
    #expect(store.source + ".h5" == name)
    #expect(store.elementType == (name == "half-variable.h5" ? .float16 : .float32))
    #expect(store.rowCount == 3 && store.width == 3 && store.positions == nil)
    let index = EmbeddingStoreIndex(
      imageIDs: expected.imageIDs, splits: expected.splits, captionTexts: expected.captionTexts,
      captionRows: expected.captionRows)
    #expect(try store.index() == index)
    // One by one they are the same.
    #expect(try index.imageIDs.indices.map(store.imageIDs.string(at:)) == index.imageIDs)
    #expect(try index.splits.indices.map(store.splits.string(at:)) == index.splits)
    #expect(try index.captionTexts.indices.map(store.captionTexts.string(at:)) == index.captionTexts)
    #expect(try index.captionRows.indices.map(store.row(ofCaption:)) == index.captionRows)
    #expect(try StoreFixture.rows(of: store) == expected.values)
    #expect(try store.firstNonFiniteRow() == nil)
  }

  @Test func readsPositions() throws {
    let values = try Expected().values
    let store = try EmbeddingStore(path: StoreFixture.golden("positions.h5"))
    #expect(store.positions == 2 && store.width == 3 && store.valuesPerRow == 6)
    #expect(try StoreFixture.rows(of: store) == values.map { $0 + $0.map { $0 / 2 } })
  }

  @Test(arguments: [nil, 3])
  func readsWhatItWrote(positions: Int?) throws {
    var contents = StoreFixture.contents
    contents.positions = positions
    contents.width = 3 / (positions ?? 1)
    contents.normalized = true
    try StoreFixture.inDirectory { directory in
      let path = "\(directory)/a store.h5"
      try contents.write(to: path)
      let store = try EmbeddingStore(path: path)
      #expect(store.encoder == contents.encoder && store.normalized && store.source == contents.source)
      #expect(store.positions == positions && store.width == contents.width)
      #expect(try store.index() == contents.index)
      #expect(try StoreFixture.rows(of: store) == [[1, -2, 3], [0.5, 0, -0.25]])
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["a store.h5"])
    }
  }

  @Test func readsHalvesAndNoCaptions() throws {
    var contents = StoreFixture.contents
    contents.embeddings = .float16([0x3C00, 0xC000, 0x0001, 0x7BFF, 0x8000, 0x0400])
    (contents.captionTexts, contents.captionRows) = ([], [])
    try StoreFixture.inDirectory { directory in
      try contents.write(to: "\(directory)/s.h5")
      let store = try EmbeddingStore(path: "\(directory)/s.h5")
      #expect(store.elementType == .float16)
      #expect(try StoreFixture.rows(of: store) == [[1, -2, 0x1p-24], [65504, -0.0, 0x1p-14]])
      #expect(store.captionTexts.count == 0 && store.captionRows.count == 0)
    }
  }

  @Test func sameContentsGiveTheSameBytes() throws {
    try StoreFixture.inDirectory { directory in
      let paths = ["\(directory)/1.h5", "\(directory)/2.h5"]
      for path in paths { try StoreFixture.contents.write(to: path) }
      #expect(try Fingerprint(ofFile: paths[0]) == Fingerprint(ofFile: paths[1]))
    }
  }
}
