import Support
import Testing

@testable import Datasets

@Suite struct CaptionMatchingTests {
  private func match(_ ids: [String], _ files: [String]) throws -> CaptionMatching {
    let images = files.map { CaptionedImage(names: [$0], split: nil, captions: [], place: "") }
    return try CaptionMatching(
      ids, with: CaptionFile(path: "captions.json", columns: [ImageColumn(name: "image")], images: images))
  }

  /// What is found for an id beside another that is there.
  private func found(_ id: String, _ files: [String]) throws -> String? {
    try match([id, "z.jpg"], files + ["z.jpg"]).matches[0]?.name
  }

  @Test func foldersEndingsAndNumbersArePassedOver() throws {
    let files = ["COCO_000391.jpg", "b.jpg", "images/d.png"]
    for id in [
      "COCO_000391.jpg", "COCO_000391", "COCO_000391.png", "train/COCO_000391.jpg", "391", "000391.jpg",
      "coco_391",
    ] {
      #expect(try found(id, files) == "COCO_000391.jpg")
    }
    #expect(try found("COCO_val2014_000000391.jpg", ["391"]) == "391")
    for id in ["d.png", "d", "images/d.png", "/data/d.PNG", #"C:\data\d.png"#] {
      #expect(try found(id, files) == "images/d.png")
    }
    #expect(try found("e.jpg", files) == nil)
    #expect(try match(["b.jpg", "x"], files).unmatched == 2)
  }

  /// What stands behind a point is a part of the name, unless it is the ending of a file.
  @Test(arguments: ["clip_1.5", "2103.00020", "v1.2", "frame_12.5", "a.b"])
  func pointsInNames(_ id: String) throws {
    let stem = String(id.prefix { $0 != "." })
    #expect(try found(id, ["\(stem).jpg", stem]) == nil)
    #expect(try found(id, ["x/\(id).jpg"]) == "x/\(id).jpg")
    #expect(try found("\(id).jpg", [id]) == id)
  }

  @Test func aNameOfTwoImagesIsNoName() throws {
    let files = ["a/1.jpg", "a/1.png", "b/2.jpg", "c/2.jpg"]
    #expect(try found("a/1.png", files) == "a/1.png")
    #expect(try found("a/1", files) == nil)
    #expect(try found("2.jpg", files) == nil)
    #expect(try found("c/2.jpg", files) == "c/2.jpg")
  }

  @Test func contradictions() {
    ImportFixture.expectFailure(.badData, "None of the 2 image ids (such as x)") {
      _ = try match(["x", "y"], ["a.jpg"])
    }
    ImportFixture.expectFailure(.badData, "a.jpg and a are both a.jpg") {
      _ = try match(["a.jpg", "a"], ["a.jpg"])
    }
    ImportFixture.expectFailure(.badData, "among the 0 images") { _ = try match(["a.jpg"], []) }
  }

  // MARK: - Several columns

  /// As the remote sensing sets have it: files 1.tif, 2.tif … with imgid 0, 1 …
  private let numbered =
    "filename,imgid,caption\n" + (0..<12).map { "\($0 + 1).tif,\($0),number \($0)\n" }.joined()

  @Test func aNumberThatMayBeAFileOrAnImgid() throws {
    ImportFixture.expectFailure(.usage, "Image id 3 is 3.tif by the filename") {
      _ = try CaptionFixture.imported(["3", "4"], numbered)
    }
    #expect(
      try CaptionFixture.imported(["3", "4"], numbered) { $0.imageColumn = "imgid" }.captions
        == ["3": ["number 3"], "4": ["number 4"]])
    #expect(
      try CaptionFixture.imported(["3", "4"], numbered) { $0.imageColumn = "filename" }.captions
        == ["3": ["number 2"], "4": ["number 3"]])
    #expect(try CaptionFixture.imported(["3.tif"], numbered).captions == ["3.tif": ["number 2"]])
  }

  /// A user's own numbers look like those that only count.
  @Test func numbersThatOnlyCount() throws {
    let text = "filename,imgid,caption\nb.jpg,0,B\na.jpg,1,A\n"
    ImportFixture.expectFailure(.usage, "may as well be numbers of your own") {
      _ = try CaptionFixture.imported(["0", "1"], text)
    }
    ImportFixture.expectFailure(.usage, "say --image-column id") {
      _ = try CaptionFixture.imported(["0", "1"], "id,caption\n0,B\n1,A\n")
    }
    #expect(try CaptionFixture.imported(["ROCO_1"], "ID,Caption\nROCO_1,x\n").captions == ["ROCO_1": ["x"]])
  }

  @Test func aFileIsNotTheNumberInItsName() throws {
    let coco = """
      {"images": [{"id": 2, "file_name": "1.jpg"}, {"id": 1, "file_name": "2.jpg"}],
       "annotations": [{"image_id": 2, "caption": "one"}, {"image_id": 1, "caption": "two"}]}
      """
    #expect(
      try CaptionFixture.imported(["1.jpg", "2.jpg"], coco).captions == ["1.jpg": ["one"], "2.jpg": ["two"]])
    ImportFixture.expectFailure(.usage, "--image-column file_name or --image-column id") {
      _ = try CaptionFixture.imported(["1", "2"], coco)
    }
    #expect(
      try CaptionFixture.imported(["1", "2"], coco) { $0.imageColumn = "id" }.captions == [
        "1": ["two"], "2": ["one"],
      ])
  }

  // MARK: - What is told

  @Test func threePairsAreShown() throws {
    let text =
      "image,caption,split\n"
      + (0..<9).map { "img_\($0).jpg,caption \($0),\($0 < 8 ? "train" : "val")\n" }.joined()
    let (_, contents, report) = try CaptionFixture.imported((0..<9).map { "img_\($0)" }, text)
    #expect(contents.splits == Array(repeating: "train", count: 8) + ["val"])
    #expect(report.pairs.map(\.imageID) == ["img_0", "img_4", "img_8"])
    #expect(report.pairs.map(\.caption) == ["caption 0", "caption 4", "caption 8"])
    #expect("\(report)".contains("\n  img_4 (img_4.jpg, line 6 of captions): caption 4\n"))
    #expect("\(report)".contains("Images are named by image, captions are in caption, splits in split."))
  }
}
