import FileFormats
import Testing

@testable import Datasets

@Suite struct EmbeddingStoreSummaryTests {
  private func summary(_ change: (inout StoreContents) -> Void = { _ in }) throws -> EmbeddingStoreSummary {
    var contents = StoreFixture.contents
    change(&contents)
    return try StoreFixture.inDirectory { directory in
      try contents.write(to: "\(directory)/s.h5")
      return try EmbeddingStoreSummary(of: EmbeddingStore(path: "\(directory)/s.h5"))
    }
  }

  @Test func counts() throws {
    let summary = try summary {
      $0.embeddings = .float32(Array(repeating: 1, count: 12))
      $0.imageIDs = ["a", "b", "c", "d"]
      $0.splits = ["val", "train", "val", "test"]
      $0.captionRows = [2, 2, 1]
    }
    #expect(summary.rows == 4 && summary.captions == 3)
    #expect(summary.splits.map(\.name) == ["val", "train", "test"])
    #expect(summary.splits.map(\.rows) == [2, 1, 1])
    #expect(summary.splits.map(\.captions) == [2, 1, 0])
    let perImage = summary.captionsPerImage
    #expect(perImage.least == 0 && perImage.mean == 0.75 && perImage.most == 2)
    #expect(summary.pairs == [CaptionPair(imageID: "c", place: "row 2", caption: "one")])
  }

  @Test func pairsAreSpreadEvenly() {
    let index = EmbeddingStoreIndex(
      imageIDs: ["a", "b"], splits: ["", ""], captionTexts: ["0", "1", "2", "3", "4"],
      captionRows: [0, 0, 0, 1, 1])
    #expect(index.pairs(3).map(\.caption) == ["0", "2", "4"])
    #expect(index.pairs(2).map(\.imageID) == ["a", "b"])
    #expect(index.pairs(9).map(\.caption) == ["0", "1", "2", "3", "4"])
    #expect(index.pairs(1).map(\.caption) == ["0"] && index.pairs(0).isEmpty)
  }

  @Test func norms() throws {
    let long = try summary { $0.embeddings = .float32([3, 4, 0, 0, 0, 1]) }
    #expect(long.meanNorm == 3 && !long.isUnitLength)
    let unit = try summary { $0.embeddings = .float32([0.6, 0.8, 0, 0, 0, 1]) }
    #expect(unit.isUnitLength && !unit.normalized)
  }

  @Test func imagesThatLookWrongAreNamed() throws {
    let summary = try summary {
      ($0.width, $0.imageIDs) = (2, ["a", "b", "c", "d", "e", "f"])
      $0.splits = Array(repeating: "train", count: 6)
      $0.embeddings = .float32([3, 4, 0, 0, 1, 0, 3, 4, 0, 0, 0, 1])
    }
    #expect(summary.suspects.zero == ["b", "e"] && summary.suspects.identical == [["a", "d"]])
    #expect(summary.suspects.notUnitLength.isEmpty && summary.failure == nil)
    let liar = try self.summary { ($0.normalized, $0.embeddings) = (true, .float32([3, 4, 0, 0, 0, 1])) }
    #expect(liar.suspects.notUnitLength == ["a.jpg"])
    #expect(liar.failure?.description.contains("normalized, but those of 1 image") == true)
  }

  /// Each position is a vector of its own.
  @Test func normsOfPositions() throws {
    let summary = try summary {
      ($0.positions, $0.width, $0.normalized) = (2, 2, true)
      $0.embeddings = .float32([0.6, 0.8, 1, 0, 0, 1, -0.8, 0.6])
    }
    #expect(summary.isUnitLength && summary.normalized)
  }

  @Test func rowsThatAreNotFinite() throws {
    try StoreFixture.inDirectory { directory in
      let path = "\(directory)/s.h5"
      let file = try HDF5Writer(creating: path)
      for (name, value) in [("schema", "capstan-embeddings"), ("encoder", "e"), ("source", "s")] {
        try file.set(attribute: name, to: value)
      }
      try file.set(attribute: "version", to: 1)
      try file.set(attribute: "normalized", to: true)
      try file.write(ArrayEntry(name: "/embeddings", shape: [2, 1, 2], floats: [1, 0, 0, .infinity]))
      try file.write(["a", "b"], as: "/image_ids")
      try file.write(["train", "val"], as: "/splits")
      try file.write([String](), as: "/captions/text")
      try file.write([Int](), as: "/captions/row")
      try file.close()
      let summary = try EmbeddingStoreSummary(of: EmbeddingStore(path: path))
      #expect(summary.finiteFraction == 0.5 && summary.meanNorm == 1 && summary.isUnitLength)
      #expect(summary.pairs.isEmpty)
      #expect(summary.suspects.notFinite == ["b"] && summary.suspects.notUnitLength.isEmpty)
      #expect(summary.failure?.kind == .badData)
      #expect(summary.failure?.description.contains("NaN or infinity (b)") == true)
    }
  }
}
