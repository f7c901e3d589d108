import Essentials
import Foundation
import Testing

@testable import Datasets

@Suite struct ImportCaptionsTests {
  private func images(
    _ text: String, _ format: CaptionFormat = .auto, _ change: (inout KarpathyOptions) -> Void = { _ in }
  ) throws -> [CaptionedImage] {
    var options = KarpathyOptions()
    change(&options)
    return try ImportFixture.withFile(text) {
      try CaptionFile(path: $0, format: format, karpathy: options).images
    }
  }

  private let karpathy = """
     {"dataset": "coco", "images": [
      {"filename": "COCO_1.jpg", "cocoid": 1, "imgid": 0, "split": "restval", "sentences": [
        {"raw": "A \\"big\\" Dog.", "tokens": ["a", "big", "dog"], "sentid": 0},
        {"raw": "é", "tokens": ["é"]}]},
      {"filename": "COCO_2.jpg", "imgid": 5, "split": "test", "sentences": []}]}
    """

  @Test func karpathysJSON() throws {
    let first = CaptionedImage(
      names: ["COCO_1.jpg", "COCO_1", "1"], split: "train", captions: [#"A "big" Dog."#, "é"])
    let second = CaptionedImage(names: ["COCO_2.jpg", "COCO_2", "5"], split: "test", captions: [])
    #expect(try images(karpathy) == [first, second])
    #expect(try images(karpathy, .karpathy) == [first, second])
    #expect(try images(karpathy) { $0.field = .tokens }.map(\.captions) == [["a big dog", "é"], []])
    #expect(try images(karpathy) { $0.keepsRestval = true }.map(\.split) == ["restval", "test"])
  }

  @Test func cocosJSON() throws {
    let file = """
      {"info": {}, "images": [{"id": 9, "file_name": "COCO_9.jpg"}, {"id": 8, "file_name": "b.jpg"}],
       "annotations": [{"image_id": 8, "id": 1, "caption": "B"}, {"image_id": 9, "id": 2, "caption": "A\\n"},
        {"image_id": 8, "id": 3, "caption": "sentences"}]}
      """
    let expected = [
      CaptionedImage(names: ["COCO_9.jpg", "COCO_9", "9"], split: nil, captions: ["A\n"]),
      CaptionedImage(names: ["b.jpg", "b", "8"], split: nil, captions: ["B", "sentences"]),
    ]
    #expect(try images(file, .coco) == expected)
    #expect(
      try images(file.replacing("sentences", with: "words")).map(\.captions) == [["A\n"], ["B", "words"]])
    let list = #" [{"image_id": "00001", "caption": "A"}, {"image_id": 2, "caption": "B"}]"#
    #expect(try images(list).map(\.names) == [["00001", "00001"], ["2", "2"]])
    ImportFixture.expectFailure(.badData, "image 8, which is not among its images") {
      _ = try images(file.replacing(#""id": 8"#, with: #""id": 7"#))
    }
  }

  @Test(arguments: [
    ("[1", "not valid JSON"), ("{}", #"has no "images""#),
    (#"{"images": [{"sentences": []}]}"#, #"its images[0] has no "filename""#),
    (#"{"images": [{"filename": 1, "sentences": []}]}"#, "its images[0].filename is of another type"),
    (#"{"images": [{"filename": "a", "sentences": [{}]}]}"#, #"a sentence without "raw" for image a"#),
    (#"{"images": [], "annotations": [{"image_id": 1.5, "caption": ""}]}"#, "annotations[0].image_id"),
    ("{\"images\": \"\u{0}\"}", "is not"),
  ])
  func faultyJSON(_ text: String, _ part: String) {
    ImportFixture.expectFailure(.badData, part) { _ = try images(text) }
  }

  @Test func flickrsTokens() throws {
    let file = "b.jpg#0\tA dog .\r\nb.jpg#1\tA # sign\tand tab\n\na.jpg.1#0\tX\n"
    #expect(
      try images(file) == [
        CaptionedImage(names: ["b.jpg", "b"], split: nil, captions: ["A dog .", "A # sign\tand tab"]),
        CaptionedImage(names: ["a.jpg.1", "a.jpg"], split: nil, captions: ["X"]),
      ])
    ImportFixture.expectFailure(.badData, "on line 2 \"nothing\"") { _ = try images("a.jpg#0\tX\nnothing\n") }
  }

  @Test(arguments: [
    "image,caption\na.jpg,A dog\nb.jpg,\"Two, \"\"big\"\"\ncats\"\na.jpg,last",
    "a.jpg,A dog\r\nb.jpg,\"Two, \"\"big\"\"\ncats\"\r\na.jpg,last\r\n",
    "\u{FEFF}Caption,n,Image_ID\nA dog,0,a.jpg\n\n\"Two, \"\"big\"\"\ncats\",1,b.jpg\nlast,2,a.jpg\n",
    "image_name| number| comment\na.jpg| 0| A dog\nb.jpg| 1|\"Two, \"\"big\"\"\ncats\"\na.jpg| 2|last\n",
  ])
  func tables(_ text: String) throws {
    let images = try images(text)
    #expect(images.map(\.names) == [["a.jpg", "a"], ["b.jpg", "b"]])
    #expect(images.map { $0.captions.map(\.trimmed) } == [["A dog", "last"], ["Two, \"big\"\ncats"]])
    #expect(images.map(\.split) == [nil, nil])
  }

  @Test(arguments: [
    ("a.jpg,\"A dog\nb.jpg,x", "record on line 1 that is not closed"),
    ("a.jpg,x\nb.jpg,\"A\" dog", "record on line 2"),
    ("a.jpg,A dog\nb.jpg,Two, big", "3 fields on line 2 and 2"),
    ("one column\n", "not a table of image,caption"), ("", "not a table of image,caption"),
  ])
  func faultyTables(_ text: String, _ part: String) {
    ImportFixture.expectFailure(.badData, part) { _ = try images(text) }
  }

  @Test func otherEncodingsAndOptionsOfOtherFormats() throws {
    try StoreFixture.inDirectory { directory in
      try DurableFile.write(Data([0x61, 0x2C, 0xE9, 0x0A]), to: "\(directory)/latin1.csv")
      ImportFixture.expectFailure(.badData, "not text in UTF-8") {
        _ = try CaptionFile(path: "\(directory)/latin1.csv", format: .auto, karpathy: KarpathyOptions())
      }
    }
    ImportFixture.expectFailure(.usage, "read as csv") { _ = try images("a.jpg,x") { $0.field = .tokens } }
  }

  // MARK: - Matching

  private func match(_ ids: [String], _ images: [CaptionedImage]) throws -> CaptionMatching {
    try CaptionMatching(ids, with: CaptionFile(path: "captions.json", images: images))
  }

  private func image(_ file: String, number: String? = nil) -> CaptionedImage {
    CaptionedImage(names: CaptionedImage.names(ofFile: file, number: number), split: nil, captions: [file])
  }

  @Test func idsMatchFileNamesStemsAndNumbers() throws {
    let images = [image("COCO_000391.jpg", number: "391"), image("b.jpg"), image("c.jpg.1"), image("d.png")]
    func file(_ id: String) throws -> String? { try match([id, "d.png"], images).matches[0]?.names[0] }
    for id in [
      "COCO_000391.jpg", "COCO_000391", "COCO_000391.png", "train/COCO_000391.jpg", "391", "000391.jpg",
    ] {
      #expect(try file(id) == "COCO_000391.jpg")
    }
    #expect(try match(["COCO_val2014_000000391.jpg"], [image("391")]).unmatched == 0)
    #expect(try file("c.jpg") == "c.jpg.1")
    #expect(try file("e.jpg") == nil)
    #expect(try match(["b.jpg", "x"], images).unmatched == 3)
  }

  @Test func aNameOfTwoImagesIsNoName() throws {
    let images = [image("a/1.jpg"), image("a/1.png"), image("2.jpg")]
    #expect(try match(["a/1.png", "2"], images).matches.map(\.?.names[0]) == ["a/1.png", "2.jpg"])
    #expect(try match(["a/1", "2"], images).matches[0] == nil)
  }

  @Test func contradictions() {
    ImportFixture.expectFailure(.badData, "None of the 2 image ids (such as x)") {
      _ = try match(["x", "y"], [image("a.jpg")])
    }
    ImportFixture.expectFailure(.badData, "a.jpg and a are both a.jpg") {
      _ = try match(["a.jpg", "a"], [image("a.jpg")])
    }
    ImportFixture.expectFailure(.badData, "lists image a.jpg twice") {
      _ = try match(["a.jpg"], [image("a.jpg"), image("a.jpg")])
    }
    ImportFixture.expectFailure(.badData, "among the 0 images") { _ = try match(["a.jpg"], []) }
  }
}
