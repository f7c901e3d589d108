import Foundation
import Support
import Testing

@testable import Datasets

@Suite struct CaptionJSONTests {
  private let karpathy = """
     {"dataset": "coco", "images": [
      {"filepath": "val2014", "filename": "COCO_1.jpg", "cocoid": 1, "imgid": 0, "split": "restval", "sentences": [
        {"raw": "A \\"big\\" Dog.", "tokens": ["a", "big", "dog"], "sentid": 0},
        {"raw": "é", "tokens": ["é"]}]},
      {"filename": "COCO_2.jpg", "imgid": 5, "split": "test", "sentences": []}]}
    """

  @Test func karpathysJSON() throws {
    let file = try CaptionFixture.file(karpathy)
    #expect(file.columns.map(\.name) == ["filename", "filepath", "cocoid", "imgid"])
    #expect(
      file.images == [
        CaptionedImage(
          names: ["COCO_1.jpg", "val2014", "1", "0"], split: "train", captions: [#"A "big" Dog."#, "é"],
          place: "images[0]"),
        CaptionedImage(names: ["COCO_2.jpg", "", "", "5"], split: "test", captions: [], place: "images[1]"),
      ])
    let tokens = try CaptionFixture.file(karpathy) { $0.captionColumns = ["tokens"] }
    #expect(tokens.images.map(\.captions) == [["a big dog", "é"], []])
    #expect(
      try CaptionFixture.file(karpathy) { $0.keepsRestval = true }.images.map(\.split) == ["restval", "test"])
    #expect(
      try CaptionFixture.file(karpathy) { $0.imageColumn = "imgid" }.images.map(\.names) == [["0"], ["5"]])
  }

  private let coco = """
    {"info": {}, "images": [{"id": 9, "file_name": "COCO_9.jpg"}, {"id": 8, "file_name": "b.jpg"}],
     "annotations": [{"image_id": 8, "id": 1, "caption": "B"}, {"image_id": 9, "id": 2, "caption": "A\\n"},
      {"image_id": 8, "id": 3, "caption": "sentences"}]}
    """

  @Test func cocosJSON() throws {
    let expected = [
      CaptionedImage(names: ["COCO_9.jpg", "9"], split: nil, captions: ["A"], place: "images[0]"),
      CaptionedImage(names: ["b.jpg", "8"], split: nil, captions: ["B", "sentences"], place: "images[1]"),
    ]
    #expect(try CaptionFixture.file(coco).images == expected)
    #expect(try CaptionFixture.file("\u{FEFF}" + coco).images == expected)
    let withoutFiles = coco.replacing(#", "file_name": "COCO_9.jpg""#, with: "").replacing(
      #", "file_name": "b.jpg""#, with: "")
    #expect(try CaptionFixture.captions(withoutFiles) == ["9": ["A"], "8": ["B", "sentences"]])
    ImportFixture.expectFailure(.badData, "image 8, which is not among its images") {
      _ = try CaptionFixture.file(coco.replacing(#""id": 8"#, with: #""id": 7"#))
    }
    ImportFixture.expectFailure(.badData, "whose id 9 another has too") {
      _ = try CaptionFixture.file(coco.replacing(#""id": 8"#, with: #""id": 9"#))
    }
  }

  /// The other forms in which references and predictions are handed round, each of the same captions.
  @Test(arguments: [
    #"{"391": ["one", "two"], "522": ["three"]}"#, #"{"391": ["one", "two"], "522": "three"}"#,
    #"{"391": [{"caption": "one"}, {"image_id": 391, "caption": "two"}], "522": [{"caption": "three"}]}"#,
    #"[{"image_id": 391, "caption": "one"}, {"image_id": 391.0, "caption": "two"}, {"image_id": "522", "caption": "three"}]"#,
    "{\"image_id\": 391, \"caption\": [\"one\", \"two\"]}\n{\"image_id\": 522, \"caption\": \"three\"}\n",
    #"{"annotations": [{"image_id": 391, "caption": ["one", "two"]}, {"image_id": 522, "caption": "three", "score": NaN}]}"#,
    #"{"data": [{"id": 391, "text": ["one", "two"]}, {"id": 522, "text": "three"}]}"#,
    #"[{"key": 391, "TEXT": ["one", "two"], "NSFW": 0.1}, {"key": 522, "TEXT": "three"}]"#,
    #"[{"image": "391", "sentences": [{"raw": "one"}, {"raw": "two"}]}, {"image": "522", "sentences": ["three"]}]"#,
  ])
  func otherForms(_ text: String) throws {
    #expect(try CaptionFixture.captions(text) == ["391": ["one", "two"], "522": ["three"]])
  }

  /// BLIP's and LAVIS's files.
  @Test func pathsBesideIDs() throws {
    let text = """
      [{"image": "val2014/COCO_val2014_000000000391.jpg", "image_id": "coco_391", "caption": "one"},
       {"image": "val2014/COCO_val2014_000000000391.jpg", "image_id": "coco_391", "caption": "two"}]
      """
    for id in ["391", "COCO_val2014_000000000391.jpg", "coco_391", "000000000391"] {
      #expect(try CaptionFixture.imported([id, "x"], text).captions == [id: ["one", "two"], "x": []])
    }
  }

  @Test func oneRecordAlone() throws {
    #expect(try CaptionFixture.captions(#"{"file_name": "a.jpg", "text": "one"}"#) == ["a.jpg": ["one"]])
  }

  @Test(arguments: [
    (#"{"image": {"0": "a.jpg", "1": "b.jpg"}, "caption": {"0": "x", "1": "y"}}"#, #"orient="records""#),
    (#"{"image": ["a.jpg", "b.jpg"], "caption": ["x", "y"]}"#, #"orient="records""#),
    (#"{"0": {"image": "a.jpg", "caption": "x"}}"#, #"orient="records""#),
    (#"{"columns": ["image"], "index": [0], "data": [["a.jpg"]]}"#, #"orient="records""#),
    (#"["one", "two"]"#, "no object at [0]"),
    ("[1", "not valid JSON"), ("{} x", "not valid JSON"),
    (#"{"images": [], "annotations": [{"image_id": 1.5, "caption": ""}]}"#, "annotations[0] a image_id"),
    (#"[{"image": "a", "caption": 0.35}]"#, "[0] under caption a number"),
    (#"[{"image": "a", "caption": {"x": 1}}]"#, "at [0] no caption but x"),
    (#"[{"image": "a", "caption": "x", "split": 1}]"#, "a split that is not a string"),
    (#"[{"image": null, "caption": "x"}]"#, "names no image at [0]"), ("[]", "has no captions"),
  ])
  func faultyJSON(_ text: String, _ part: String) {
    ImportFixture.expectFailure(.badData, part) { _ = try CaptionFixture.file(text) }
  }

  @Test(arguments: [
    (
      #"[{"image": "a", "alt": "x"}]"#,
      "has the keys image, alt, of which none is known as the one that holds captions"
    ),
    (#"[{"name": "a", "caption": "x"}]"#, "the one that names the images; name it with --image-column"),
    (#"[{"image": "a", "text": "x", "title": "y"}]"#, "text, title, each of which may be the caption"),
    (
      #"{"images": [{"id": 1}], "annotations": [{"image_id": 1, "caption_str": "x"}]}"#,
      "name it with --caption-column"
    ),
    (#"[{"image": "a", "sentences": [{"raw": "x", "text": "y"}]}]"#, "at [0], has the columns raw, text"),
  ])
  func keysAreNotGuessed(_ text: String, _ part: String) {
    ImportFixture.expectFailure(.usage, part) { _ = try CaptionFixture.file(text) }
  }
}
