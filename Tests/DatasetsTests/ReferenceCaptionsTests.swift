import Essentials
import Foundation
import Testing

@testable import Datasets

@Suite struct ReferenceCaptionsTests {
  private let coco = """
    {"images": [{"id": 7, "file_name": "a.jpg"}, {"id": 8, "file_name": "b.jpg"}], "annotations": [
    {"image_id": 7, "caption": "one"}, {"image_id": 8, "caption": "two"},
    {"image_id": 7, "caption": "three"}]}
    """

  @Test func storesHaveSplits() throws {
    try StoreFixture.inDirectory { directory in
      let path = "\(directory)/store.h5"
      try StoreFixture.contents.write(to: path)
      let references = try ReferenceCaptions(paths: [path], split: "val")
      #expect(try references.matching(["ü"]) == ["ü": ["zwei ü"]])
      #expect(references.trainingCaptions == ["one", ""])
      #expect(try ReferenceCaptions(paths: [path], split: "train").trainingCaptions.isEmpty)
      ImportFixture.expectFailure(.usage, "splits (train, val)") {
        _ = try ReferenceCaptions(paths: [path], split: nil)
      }
      ImportFixture.expectFailure(.badData, "“test”") {
        _ = try ReferenceCaptions(paths: [path], split: "test")
      }
    }
  }

  @Test func annotationsOfCOCO() throws {
    try ImportFixture.withFile(coco) { path in
      let references = try ReferenceCaptions(paths: [path], split: nil)
      #expect(try references.matching(["8", "a.jpg"]) == ["8": ["two"], "a.jpg": ["one", "three"]])
      ImportFixture.expectFailure(.usage, "has no splits") {
        _ = try ReferenceCaptions(paths: [path], split: "val")
      }
    }
  }

  @Test func imagesThatDoNotPairAreCountedAndNamed() throws {
    try ImportFixture.withFile(coco) { path in
      let references = try ReferenceCaptions(paths: [path], split: nil)
      ImportFixture.expectFailure(.badData, "2 of 3 captioned images are not in") {
        _ = try references.matching(["7", "x", "y"])
      }
      ImportFixture.expectFailure(.badData, "and 1 of its 2 have no caption (b.jpg)") {
        _ = try references.matching(["7"])
      }
      ImportFixture.expectFailure(.badData, "7 and a.jpg") {
        _ = try references.matching(["7", "a.jpg", "8"])
      }
    }
  }

  @Test func predictions() throws {
    let text = #"[{"image_id": 7, "caption": "a"}, {"caption": "b", "image_id": "x.jpg"}]"#
    try ImportFixture.withFile(text) { path in
      let captions = try PredictedCaptions(path: path).captions
      #expect(captions == ["7": "a", "x.jpg": "b"])
    }
  }

  @Test(arguments: [
    (
      #"[{"image_id": 1, "caption": "a"}, {"image_id": 1, "caption": "b"}]"#,
      "several captions for 1 of its 1"
    ),
    ("[]", "has no captions"), (#"[{"image_id": 1}]"#, "no \"caption\""), ("[{", "not valid JSON"),
  ])
  func faultyPredictions(text: String, part: String) throws {
    try ImportFixture.withFile(text) { path in
      ImportFixture.expectFailure(.badData, part) { _ = try PredictedCaptions(path: path) }
    }
  }
}
