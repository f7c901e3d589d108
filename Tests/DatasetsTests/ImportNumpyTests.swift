import Foundation
import Support
import Testing

@testable import Datasets

@Suite struct ImportNumpyTests {
  private let captions =
    "image,caption\n10.jpg,A dog.\n12.jpg,Two cats\n10.jpg, A dog runs. \n11.jpg, \n99.jpg,x\n"

  @Test(arguments: ["float16.npz", "float32.npz"])
  func archivesWithCaptions(_ name: String) throws {
    let (contents, report) = try ImportFixture.withFile(captions) { path in
      try ImportFixture.request(name) { $0.captions = path }.contents()
    }
    #expect(contents.imageIDs == ["10.jpg", "11.jpg", "12.jpg"])
    #expect(contents.rowsOfFloats == ImportFixture.rows)
    #expect(contents.isHalf == (name == "float16.npz"))
    #expect(contents.captionTexts == ["A dog.", "A dog runs.", "Two cats"])
    #expect(contents.captionRows == [0, 0, 2])
    #expect(contents.splits == ["train", "uncaptioned", "train"])
    #expect(contents.source == "\(name), captions")
    #expect(contents.positions == nil)
    #expect(report.emptyCaptions == 1)
    #expect(report.imagesWithoutEmbedding == 1)
    #expect(report.imagesWithoutCaption == 1)
    #expect(report.splits == ["train": 2, "uncaptioned": 1])
    #expect(report.description.contains("3 images (train 2, uncaptioned 1) with 3 captions."))
  }

  @Test func imagesWithoutCaptionsCanBeLeftOut() throws {
    let (contents, report) = try ImportFixture.withFile(captions) { path in
      try ImportFixture.request("float32.npz") {
        $0.captions = path
        $0.dropsUncaptioned = true
        $0.split = "val"
      }.contents()
    }
    #expect(contents.imageIDs == ["10.jpg", "12.jpg"])
    #expect(contents.rowsOfFloats == [ImportFixture.rows[0], ImportFixture.rows[2]])
    #expect(contents.captionRows == [0, 0, 1])
    #expect(contents.splits == ["val", "val"])
    #expect(report.droppedImages == 1)
  }

  @Test func imagesToBeCaptioned() throws {
    let (contents, report) = try ImportFixture.request("positions.npz") { $0.split = "test" }.contents()
    #expect(contents.imageIDs == ["10", "11", "12"])
    #expect(contents.positions == 2)
    #expect(contents.width == 2)
    #expect(contents.rowsOfFloats == ImportFixture.rows)
    #expect(contents.splits == ["test", "test", "test"])
    #expect(report.imagesWithoutCaption == 3)
  }

  @Test func anotherKeyAndRepeatedRows() throws {
    let (contents, report) = try ImportFixture.request("repeated.npz") { $0.embeddingsKey = "features" }
      .contents()
    #expect(contents.imageIDs == ["10.jpg", "11.jpg", "12.jpg"])
    #expect(contents.rowsOfFloats == ImportFixture.rows)
    #expect(report.repeatedRows == 1)
    ImportFixture.expectFailure(.usage, "no array embeddings but features, image_ids") {
      _ = try ImportFixture.request("repeated.npz").contents()
    }
  }

  @Test func anArrayBesideItsIDs() throws {
    let array = try ImportFixture.request("rows.npy") { $0.imageIDs = ImportFixture.golden("ids.npy") }
      .contents()
    #expect(array.contents.imageIDs == ["10.jpg", "11.jpg", "12.jpg"])
    #expect(array.contents.rowsOfFloats == ImportFixture.rows)
    for ids in ["a\r\nb\r\nc\r\n", "\u{FEFF}image_id\n a\nb \n\nc"] {
      let text = try ImportFixture.withFile(ids) { path in
        try ImportFixture.request("rows.npy") { $0.imageIDs = path }.contents()
      }
      #expect(text.contents.imageIDs == ["a", "b", "c"])
    }
    ImportFixture.expectFailure(.usage, "--image-ids FILE") {
      _ = try ImportFixture.request("rows.npy").contents()
    }
    ImportFixture.expectFailure(.usage, "leave out --embeddings") {
      _ = try ImportFixture.request("rows.npy") { $0.embeddingsKey = "x" }.contents()
    }
    ImportFixture.expectFailure(.badData, "3 rows of embeddings, but there are 2 image ids") {
      try ImportFixture.withFile("a\nb") { path in
        _ = try ImportFixture.request("rows.npy") { $0.imageIDs = path }.contents()
      }
    }
  }

  /// As captions have them: with folders, with other endings or with none.
  @Test func namesOfAListFindTheirCaptions() throws {
    let contents = try ImportFixture.withFile("val2014/10.jpg\n11\nimages\\12.png\n") { ids in
      try ImportFixture.withFile(captions) { captions in
        try ImportFixture.request("rows.npy") { ($0.imageIDs, $0.captions) = (ids, captions) }.contents()
      }
    }.contents
    #expect(contents.imageIDs == ["val2014/10.jpg", "11", "images\\12.png"])
    #expect(
      contents.captionTexts == ["A dog.", "A dog runs.", "Two cats"] && contents.captionRows == [0, 0, 2])
  }

  @Test func oneIsNotSeveral() throws {
    let report = try ImportFixture.withFile("10.jpg\n11.jpg\n12.jpg") { ids in
      try ImportFixture.withFile("image,caption\n11.jpg,A dog.\n9.jpg,x\n12.jpg, \n") { captions in
        try ImportFixture.request("rows.npy") {
          ($0.imageIDs, $0.captions) = (ids, captions)
          $0.dropsUncaptioned = true
        }.contents()
      }
    }.report
    let text = "\(report)"
    #expect(text.hasPrefix("1 image (train 1) with 1 caption."), "\(text)")
    #expect(
      text.contains("1 caption left out: empty. 1 image of the captions left out: without an embedding."),
      "\(text)")
    #expect(text.contains("2 images left out: without a caption."), "\(text)")
  }

  @Test(arguments: [
    ("count", "3 rows of embeddings, but there are 2 image ids"), ("integers", "int32"),
    ("ids", "image ids of shape"),
  ])
  func faults(_ name: String, _ part: String) {
    ImportFixture.expectFailure(.badData, part) {
      _ = try ImportFixture.request("faulty-\(name).npz").contents()
    }
  }

  @Test func idsThatAreWholeFloats() throws {
    let ids = try ImportFixture.request("float-ids.npz").contents().contents.imageIDs
    #expect(ids == ["1", "5", "9"])
  }

  @Test func stringsAreNoEmbeddings() {
    ImportFixture.expectFailure(.badData, "--embeddings") {
      _ = try ImportFixture.request("float16.npz") { $0.embeddingsKey = "image_ids" }.contents()
    }
  }

  @Test(arguments: ["float16.npz", "float32.npz", "positions.npz"])
  func normalizing(_ name: String) throws {
    let (contents, _) = try ImportFixture.request(name) { $0.normalizes = true }.contents()
    #expect(contents.normalized)
    let values = contents.rowsOfFloats.flatMap(\.self)
    for vector in stride(from: 0, to: values.count, by: contents.width) {
      let original = ImportFixture.rows.flatMap(\.self)[vector..<vector + contents.width]
      let norm = original.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
      for (value, number) in zip(values[vector...], original) {
        let exact = Double(number) / norm
        #expect(value == (contents.isHalf ? Float(Float16(exact)) : Float(exact)))
      }
    }
  }

  @Test func unitLengthIsNoticed() throws {
    #expect(try ImportFixture.request("unit.npz").contents().contents.normalized)
    #expect(try !ImportFixture.request("float16.npz").contents().contents.normalized)
  }

  @Test func optionsForCaptionsNeedCaptions() {
    ImportFixture.expectFailure(.usage, "--captions FILE") {
      _ = try ImportFixture.request("float16.npz") { $0.captionOptions.captionColumns = ["tokens"] }
        .contents()
    }
  }

  @Test func otherFiles() {
    ImportFixture.expectFailure(.badData, "not .npz, .npy, Parquet, HDF5 or a pickle") {
      _ = try ImportFixture.request("make.py").contents()
    }
    ImportFixture.expectFailure(.badData, "cannot be opened") {
      _ = try ImportFixture.request("none").contents()
    }
  }
}
