import Foundation
import Support
import Testing

@testable import Datasets

@Suite struct SplitTests {
  /// `count` images `0.jpg` and so on, each with a caption but those of `uncaptioned`, in the split `old`.
  private func selection(_ count: Int, uncaptioned: Set<Int> = [], in directory: String) throws
    -> StoreSelection
  {
    let captioned = (0..<count).filter { !uncaptioned.contains($0) }
    let contents = StoreContents(
      encoder: "test", normalized: true, source: "test", width: 1,
      embeddings: .float32(Array(repeating: 1, count: count)), imageIDs: (0..<count).map { "\($0).jpg" },
      splits: Array(repeating: "old", count: count), captionTexts: captioned.map { "caption \($0)" },
      captionRows: captioned)
    let path = "\(directory)/\(UUID().uuidString).h5"
    try contents.write(to: path)
    return try StoreSelection(of: EmbeddingStore(path: path))
  }

  private func splits(
    of count: Int, uncaptioned: Set<Int> = [], by rule: SplitRule, rest: String = "train"
  ) throws -> [String] {
    try StoreFixture.inDirectory { directory in
      var selection = try selection(count, uncaptioned: uncaptioned, in: directory)
      let report = try selection.split(by: rule, rest: rest)
      #expect(report.before == ["old": count])
      #expect(report.after.values.reduce(0, +) == count)
      // What is written is what is there.
      try selection.write(to: "\(directory)/new.h5")
      let store = try EmbeddingStore(path: "\(directory)/new.h5")
      let index = try store.index()
      #expect(index.splits == selection.splits)
      #expect(store.normalized && store.encoder == "test")
      #expect(index.captionTexts == selection.captionTexts && index.captionRows == selection.captionRows)
      return index.splits
    }
  }

  private func expectUsage(_ part: String, of count: Int = 5, by rule: SplitRule, rest: String = "train") {
    ImportFixture.expectFailure(.usage, part) { _ = try splits(of: count, by: rule, rest: rest) }
  }

  @Test func theLastImages() throws {
    let rule = SplitRule.last([("test", 2), ("val", 1)])
    #expect(try splits(of: 5, by: rule) == ["train", "train", "val", "test", "test"])
    #expect(
      try splits(of: 6, uncaptioned: [4], by: rule, rest: "rest")
        == ["rest", "rest", "val", "test", "uncaptioned", "test"])
    expectUsage("The last 6 images are asked for, and 5", by: .last([("test", 4), ("val", 2)]))
    expectUsage("at least 1", by: .last([("test", 0)]))
  }

  @Test func imagesThatAreAddedMoveNoOthers() throws {
    let rule = SplitRule.fractions([("val", 0.2), ("test", 0.3)], seed: 7)
    let few = try splits(of: 200, by: rule)
    let many = try splits(of: 400, by: rule)
    #expect(Array(many.prefix(200)) == few)
    #expect(abs(many.count { $0 == "val" } - 80) < 30)
    #expect(abs(many.count { $0 == "test" } - 120) < 35)
    #expect(try splits(of: 200, by: .fractions([("val", 0.2), ("test", 0.3)], seed: 8)) != few)
    #expect(try splits(of: 9, by: .fractions([("all", 1)], seed: 1)) == Array(repeating: "all", count: 9))
  }

  /// As docs/interoperability.md has it in Python.
  @Test func placesAreWhatPythonWorksOut() {
    #expect(StoreSelection.place(of: "0.jpg", seed: 1) == 0.9504436475072191)
    #expect(StoreSelection.place(of: "ü.jpg", seed: 18_446_744_073_709_551_615) == 0.7041289501176782)
  }

  @Test func badFractions() {
    expectUsage("at most 1 together", by: .fractions([("val", 0.6), ("test", 0.5)], seed: 1))
    expectUsage("above 0", by: .fractions([("val", 0)], seed: 1))
    expectUsage("above 0", by: .fractions([("val", .nan)], seed: 1))
    expectUsage("would be empty", by: .fractions([("val", 1e-9)], seed: 1))
    expectUsage("asked for twice", by: .fractions([("val", 0.1), ("val", 0.2)], seed: 1))
    expectUsage("differ from it", by: .fractions([("train", 0.1)], seed: 1))
  }

  @Test func listsOfImages() throws {
    try StoreFixture.inDirectory { directory in
      func list(_ name: String, _ text: String) throws -> (split: String, path: String) {
        try DurableFile.write(Data(text.utf8), to: "\(directory)/\(name)")
        return (name, "\(directory)/\(name)")
      }
      let val = try list("val", "3.jpg\r\n\n 1 \n"), test = try list("test", "0.jpg")
      #expect(try splits(of: 4, by: .lists([val, test])) == ["test", "val", "train", "val"])
      let both = try list("both", "3.jpg")
      ImportFixture.expectFailure(.badData, "twice") { _ = try splits(of: 4, by: .lists([val, both])) }
      let folders = try list("folders", "image_id\nimages/2.jpg\n0\n")
      #expect(try splits(of: 4, by: .lists([folders])) == ["folders", "train", "folders", "train"])
      let stray = try list("stray", "0.jpg\n77.jpg")
      ImportFixture.expectFailure(.badData, "1 image id of") { _ = try splits(of: 4, by: .lists([stray])) }
    }
  }

  @Test func karpathysSplits() throws {
    let json = """
      {"images": [{"filename": "1.jpg", "split": "restval", "sentences": []},
      {"filename": "0.jpg", "split": "test", "sentences": []}]}
      """
    let (usual, kept) = try ImportFixture.withFile(json) { path in
      (
        try splits(of: 3, by: .karpathy(path: path, keepsRestval: false)),
        try splits(of: 3, by: .karpathy(path: path, keepsRestval: true), rest: "more")
      )
    }
    #expect(usual == ["test", "train", "train"])
    #expect(kept == ["test", "restval", "more"])
    ImportFixture.expectFailure(.badData, "tells no splits") {
      try ImportFixture.withFile("image,caption\n1.jpg,x\n") { path in
        _ = try splits(of: 3, by: .karpathy(path: path, keepsRestval: false))
      }
    }
  }
}
