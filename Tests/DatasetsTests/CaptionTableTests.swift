import Foundation
import Support
import Testing

@testable import Datasets

@Suite struct CaptionTableTests {
  @Test(arguments: [
    "image,caption\na.jpg,A dog\nb.jpg,\"Two, \"\"big\"\"\ncats\"\na.jpg,last",
    "a.jpg,A dog\r\nb.jpg,\"Two, \"\"big\"\"\ncats\"\r\na.jpg,last\r\n",
    "\u{FEFF}Caption,n,Image_ID\nA dog,0,a.jpg\n\n\"Two, \"\"big\"\"\ncats\",1,b.jpg\nlast,2,a.jpg\n",
    "image_name| number| comment\na.jpg| 0| A dog\nb.jpg| 1|\"Two, \"\"big\"\"\ncats\"\na.jpg| 2|last\n",
    "filepath\ttitle\na.jpg\tA dog\nb.jpg\t\"Two, \"\"big\"\"\ncats\"\na.jpg\tlast\n",
    "a.jpg\tA dog\nb.jpg\t\"Two, \"\"big\"\"\ncats\"\na.jpg\tlast\n",
    "image;caption\na.jpg;A dog\nb.jpg;\"Two, \"\"big\"\"\ncats\"\na.jpg;last\n",
    // As pandas writes its index.
    ",text,file_name\n0,A dog,a.jpg\n1,\"Two, \"\"big\"\"\ncats\",b.jpg\n2,last,a.jpg\n",
    "image,captions\na.jpg,\"[\"\"A dog\"\", \"\"last\"\"]\"\nb.jpg,\"[\"\"Two, \\\"\"big\\\"\"\\ncats\"\"]\"\n",
  ])
  func tables(_ text: String) throws {
    let captions = try CaptionFixture.captions(text)
    #expect(captions == ["a.jpg": ["A dog", "last"], "b.jpg": ["Two, \"big\"\ncats"]])
  }

  @Test func delimitersWithinCaptions() throws {
    #expect(
      try CaptionFixture.captions("image;caption\na.jpg;a cat, sitting\n") == ["a.jpg": ["a cat, sitting"]])
    #expect(try CaptionFixture.captions("a.jpg,a cat; sitting\n") == ["a.jpg": ["a cat; sitting"]])
    ImportFixture.expectFailure(.usage, #"parted at "," or at ";""#) {
      _ = try CaptionFixture.file("1.jpg,2.jpg;x,y\n") {
        $0.imageColumn = "1"
        $0.captionColumns = ["2"]
      }
    }
  }

  /// What stands in several columns that are counted are the captions of one image.
  @Test(arguments: [
    "file_name,caption_1,caption_2\na.jpg,one,two\n", "file_name,caption,caption.1\na.jpg,one,two\n",
    "Image,Caption 1,Title,Caption 2\na.jpg,one,no,two\n", "image,caption,caption\na.jpg,one,two\n",
    "img_path,sentence0,sentence1\na.jpg,one,two\n",
  ])
  func countedColumns(_ text: String) throws {
    #expect(try CaptionFixture.captions(text) == ["a.jpg": ["one", "two"]])
  }

  @Test(
    arguments: [
      (
        "image_name,english_caption,vietnamese_caption\na.jpg,x,y\n",
        "english_caption, vietnamese_caption, of which none"
      ),
      ("image,title,text\na.jpg,x,y\n", "title, text, each of which may be the caption"),
      ("image,caption,captions\na.jpg,x,y\n", "each of which may be the caption"),
      ("image,caption_1,caption_2,text_1\na.jpg,x,y,z\n", nil),
      ("image,alt\na.jpg,x\n", "name it with --caption-column"),
      ("alt,caption\na.jpg,x\n", "name it with --image-column"),
      ("image,image,caption\na.jpg,b.jpg,x\n", "may be the image"),
      ("image,caption,split,subset\na.jpg,x,train,y\n", "split, subset, each of which may be the split"),
      ("a.jpg,0,x\n", "name two by their numbers, such as --image-column 1 --caption-column 3"),
    ] as [(String, String?)])
  func columnsAreNotGuessed(_ text: String, _ part: String?) throws {
    guard let part else { return #expect(try CaptionFixture.captions(text) == ["a.jpg": ["x", "y"]]) }
    ImportFixture.expectFailure(.usage, part) { _ = try CaptionFixture.file(text) }
  }

  @Test func columnsAreChosen() throws {
    let languages = "image_name,english_caption,vietnamese_caption\na.jpg,x,y\n"
    #expect(
      try CaptionFixture.captions(languages) { $0.captionColumns = ["vietnamese_caption"] } == [
        "a.jpg": ["y"]
      ])
    #expect(
      try CaptionFixture.captions(languages) {
        $0.captionColumns = ["vietnamese_caption", "English Caption"]
      }
        == ["a.jpg": ["x", "y"]])
    let unknown = "Bild;Satz;Teil\na;x;val\n"
    let file = try CaptionFixture.file(unknown) {
      ($0.imageColumn, $0.captionColumns, $0.splitColumn) = ("Bild", ["Satz"], "Teil")
    }
    #expect(file.images == [CaptionedImage(names: ["a"], split: "val", captions: ["x"], place: "line 2")])
    #expect(
      try CaptionFixture.captions("a.jpg,0,x\nb.jpg,1,y\n") {
        ($0.imageColumn, $0.captionColumns) = ("1", ["3"])
      }
        == ["a.jpg": ["x"], "b.jpg": ["y"]])
    ImportFixture.expectFailure(.usage, "has no Wort but image_name, english_caption") {
      _ = try CaptionFixture.file(languages) { $0.captionColumns = ["Wort"] }
    }
  }

  @Test func aHeaderIsNeverData() throws {
    ImportFixture.expectFailure(.badData, "is not a table of images and captions") {
      _ = try CaptionFixture.file("Bild,Satz\na.jpg,x\n")
    }
    #expect(try CaptionFixture.captions("image,caption\na.jpg,image\n") == ["a.jpg": ["image"]])
  }

  @Test func splitsAreTaken() throws {
    let text = "image,caption,split\na.jpg,x,train\na.jpg,y,train\nb.jpg,z,val\nc.jpg,u,restval\nd.jpg,v,\n"
    #expect(try CaptionFixture.file(text).images.map(\.split) == ["train", "val", "train", nil])
    #expect(try CaptionFixture.file(text) { $0.keepsRestval = true }.images[2].split == "restval")
    ImportFixture.expectFailure(
      .badData, "lists image a.jpg twice, at line 2 in the split train and at line 3"
    ) {
      _ = try CaptionFixture.file("image,caption,split\na.jpg,x,train\na.jpg,y,val\n")
    }
  }

  /// Columns beside the one that names the image name it too, unless they differ between its captions.
  @Test func furtherNames() throws {
    let file = try CaptionFixture.file(
      "id,image_id,filename,caption\n0,7,a.jpg,x\n1,7,a.jpg,y\n2,8,b.jpg,z\n")
    #expect(file.columns.map(\.name) == ["filename", "image_id", "id"])
    #expect(file.images.map(\.names) == [["a.jpg", "7", ""], ["b.jpg", "8", "2"]])
    ImportFixture.expectFailure(.usage, "the path x at line 2 and y at line 3") {
      _ = try CaptionFixture.file("filename,path,caption\n1.jpg,x,one\n1.jpg,y,two\n")
    }
    ImportFixture.expectFailure(.badData, "names no image at line 3, where image should") {
      _ = try CaptionFixture.file("image,caption\na.jpg,x\n,y\n")
    }
  }

  @Test(arguments: [
    ("a.jpg,x\nb.jpg,\"A dog\nc.jpg,x", "record on line 2 that is not closed"),
    ("a.jpg,\"A dog\nb.jpg,x", "not a table of images and captions"),
    ("a.jpg,x\nb.jpg,\"A\" dog", "record on line 2"),
    ("a.jpg,A dog\nb.jpg,Two, big", "3 fields on line 2"),
    (
      "image_name| number| comment\na.jpg| 0| A\nb.jpg| 4   A cat\n",
      "2 fields on line 3, \"b.jpg| 4   A cat\", where 3 (image_name, number, comment) were expected; add the \"|\""
    ),
    ("image,captions\na.jpg,\"['A dog', 'last']\"\n", "on line 2 a list that is not JSON"),
    ("one column\n", "not a table of images and captions"), ("", "not a table of images and captions"),
  ])
  func faultyTables(_ text: String, _ part: String) {
    ImportFixture.expectFailure(.badData, part) { _ = try CaptionFixture.file(text) }
  }

  @Test func otherEncodings() throws {
    try StoreFixture.inDirectory { directory in
      try DurableFile.write(Data("a.jpg,".utf8) + [0xE9, 0x0A], to: "\(directory)/latin1.csv")
      ImportFixture.expectFailure(.badData, "not text in UTF-8") {
        _ = try CaptionFile(path: "\(directory)/latin1.csv", options: CaptionOptions())
      }
    }
  }

  @Test func flickrsTokens() throws {
    let file = try CaptionFixture.file("b.jpg#0\tA dog .\r\nb.jpg#1\tA # sign\tand tab\n\na.jpg.1#0\tX\n")
    #expect(
      file.images == [
        CaptionedImage(
          names: ["b.jpg"], split: nil, captions: ["A dog .", "A # sign\tand tab"], place: "line 1"),
        CaptionedImage(names: ["a.jpg"], split: nil, captions: ["X"], place: "line 4"),
      ])
    ImportFixture.expectFailure(.badData, "on line 2 \"nothing\"") {
      _ = try CaptionFixture.file("a.jpg#0\tX\nnothing\n")
    }
    ImportFixture.expectFailure(.usage, "has no columns to be named") {
      _ = try CaptionFixture.file("a.jpg#0\tX\n") { $0.imageColumn = "image" }
    }
  }

  // MARK: - Captions alone

  private func texts(_ text: String, _ split: String = "train") throws -> [String] {
    try ImportFixture.withFile(text) { try CaptionTexts.read($0, split: split) }
  }

  @Test func textsOfAnyFormat() throws {
    for text in [
      "image,caption\na.jpg,A dog\nb.jpg,Two cats\n", "a.jpg#0\tA dog\nb.jpg#0\tTwo cats\n",
      "A dog\nTwo cats\n",
      "a.jpg,A dog\nb.jpg,Two cats\n", "caption\nA dog\nTwo cats\n", "\u{FEFF},text\n0,A dog\n1,Two cats\n",
      #"[{"image_id": 1, "caption": "A dog"}, {"image_id": 2, "caption": "Two cats"}]"#,
      "{\"text\": \"A dog\"}\n{\"text\": \"Two cats\"}\n",
      "image,caption,split\nc.jpg,no,val\na.jpg,A dog,train\nb.jpg,Two cats,train\n",
    ] {
      #expect(try texts(text) == ["A dog", "Two cats"], "\(text)")
    }
    #expect(try texts("One, two\nthree\n") == ["One, two", "three"])
    ImportFixture.expectFailure(.usage, "no image in the split “test”, only in val") {
      _ = try texts("image,caption,split\nc.jpg,no,val\n", "test")
    }
    ImportFixture.expectFailure(.usage, "which none is known") { _ = try texts("image,alt\na.jpg,x\n") }
    ImportFixture.expectFailure(.badData, "holds no captions") { _ = try texts("\n") }
  }
}
