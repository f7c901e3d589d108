import Foundation
import Support
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
      #expect(try references.matching(["8", "7"]) == ["8": ["two"], "7": ["one", "three"]])
      #expect(try references.matching(["b", "a.jpg"]) == ["b": ["two"], "a.jpg": ["one", "three"]])
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
      ImportFixture.expectFailure(.badData, "1 of the 2 images of") { _ = try references.matching(["7"]) }
      ImportFixture.expectFailure(.badData, "have no caption (b.jpg); caption them too, or give --subset") {
        _ = try references.matching(["7"])
      }
      #expect(try references.matching(["7"], isSubset: true) == ["7": ["one", "three"]])
      ImportFixture.expectFailure(.badData, "1 of 2 captioned images are not in") {
        _ = try references.matching(["7", "x"], isSubset: true)
      }
      ImportFixture.expectFailure(.badData, "a and a.jpg") {
        _ = try references.matching(["b", "a", "a.jpg"])
      }
    }
  }

  /// A number that may be a file of the split or its `imgid`.
  @Test func oneMeaningForAllIDs() throws {
    let text = "filename,imgid,split,caption\n" + (0..<6).map { "\($0 + 1).tif,\($0),test,c\($0)\n" }.joined()
    try ImportFixture.withFile(text) { path in
      let ids = (0..<6).map(String.init)
      ImportFixture.expectFailure(.usage, "--image-column filename or --image-column imgid") {
        _ = try ReferenceCaptions(paths: [path], split: "test").matching(ids)
      }
      var options = CaptionOptions()
      options.imageColumn = "imgid"
      let references = try ReferenceCaptions(paths: [path], split: "test", options: options)
      #expect(try references.matching(ids)["3"] == ["c3"])
    }
  }

  @Test func predictions() throws {
    for text in [
      #"[{"image_id": 7, "caption": "a"}, {"caption": "b", "image_id": "x.jpg"}]"#,
      #"{"7": "a", "x.jpg": "b"}"#, #"{"7": ["a"], "x.jpg": ["b"]}"#,
      "{\"image_id\": 7, \"caption\": \"a\", \"score\": NaN}\n{\"image_id\": \"x.jpg\", \"caption\": \"b\"}",
      "\u{FEFF}image_id,caption\n7,a\nx.jpg,b\n",
    ] {
      try ImportFixture.withFile(text) { path in
        let captions = try PredictedCaptions(path: path).captions
        #expect(captions == ["7": "a", "x.jpg": "b"])
      }
    }
  }

  @Test func predictionsInATableOfOtherColumns() throws {
    try ImportFixture.withFile("picture,caption,french\n7.jpg,a,b\n8.jpg,c,d\n") { path in
      ImportFixture.expectFailure(.usage, "with --predictions-image-column") {
        _ = try PredictedCaptions(path: path, options: CaptionOptions())
      }
      var options = CaptionOptions()
      options.imageColumn = "picture"
      options.captionColumns = ["french"]
      let captions = try PredictedCaptions(path: path, options: options).captions
      #expect(captions == ["7.jpg": "b", "8.jpg": "d"])
      options.captionColumns = ["english"]
      ImportFixture.expectFailure(.usage, "as --predictions-caption-column") {
        _ = try PredictedCaptions(path: path, options: options)
      }
    }
  }

  @Test(arguments: [
    (
      #"[{"image_id": 1, "caption": "a"}, {"image_id": 1, "caption": "b"}]"#,
      "several captions or none for 1 of its 1"
    ),
    (#"[{"image_id": 1, "caption": null}]"#, "several captions or none"),
    ("[]", "has no captions"), ("[{", "not valid JSON"),
  ])
  func faultyPredictions(text: String, part: String) throws {
    try ImportFixture.withFile(text) { path in
      ImportFixture.expectFailure(.badData, part) { _ = try PredictedCaptions(path: path) }
    }
  }
}
