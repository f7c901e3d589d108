import Foundation
import Support
import Testing

@testable import Datasets
@testable import FileFormats

@Suite struct ImportFolderTests {
  /// Makes clip-retrieval's folder of files of rows, and a JSON where `place` says, and runs `body`.
  private func folder(
    _ files: [[[Float]]], _ json: String?, at place: String = "captions.json",
    _ body: (_ request: ImportRequest) throws -> Void
  ) throws {
    try StoreFixture.inDirectory { directory in
      for (number, rows) in files.enumerated() {
        let values = rows.flatMap(\.self)
        // 10 comes behind 9, and would stand before it by its spelling.
        let path = "\(directory)/img_emb/img_emb_\(number + 9).npy"
        let header = NumpyHeader.bytes(type: "<f4", shape: [rows.count, rows[0].count])
        try DurableFile.write(header + values.withUnsafeBytes { Data($0) }, to: path)
      }
      if let json { try DurableFile.write(Data(json.utf8), to: "\(directory)/\(place)") }
      var request = ImportRequest(input: directory)
      request.encoder = "test"
      try body(request)
    }
  }

  private let files: [[[Float]]] = [[[1, 2], [3, 4]], [[5, 6]]]

  @Test(arguments: ["captions.json", "img_emb/captions.json"])
  func rowsInTheOrderOfTheNumbers(_ place: String) throws {
    let json = """
      [{"image_path": "a/1.jpg", "caption": " A dog. ", "NSFW": 0.1}, {"key": "002", "caption": null},
      {"image_id": 7, "caption": ["Two", "Three"]}]
      """
    try folder(files, json, at: place) { request in
      let (contents, report) = try request.contents()
      #expect(contents.imageIDs == ["a/1.jpg", "002", "7"])
      #expect(contents.rowsOfFloats == [[1, 2], [3, 4], [5, 6]])
      #expect(contents.captionTexts == ["A dog.", "Two", "Three"])
      #expect(contents.captionRows == [0, 2, 2])
      #expect(report.imagesWithoutCaption == 1)
    }
  }

  @Test func captionsAlone() throws {
    try folder(files, #"["one", "two", "three"]"#) { request in
      let contents = try request.contents().contents
      #expect(contents.imageIDs == ["0", "1", "2"])
      #expect(contents.captionTexts == ["one", "two", "three"])
    }
  }

  /// As pandas writes lines, and with LAION's names.
  @Test(arguments: [
    "{\"key\": \"1\", \"TEXT\": \"one\"}\n{\"key\": \"2\", \"TEXT\": \"two\"}\n{\"key\": \"3\", \"TEXT\": \"three\"}\n",
    #"[{"key": "1", "URL": "u", "text": "one"}, {"key": "2", "text": "two"}, {"key": "3", "text": "three"}]"#,
  ])
  func otherMetadata(_ json: String) throws {
    try folder(files, json) { request in
      let contents = try request.contents().contents
      #expect(contents.imageIDs == ["1", "2", "3"])
      #expect(contents.captionTexts == ["one", "two", "three"])
    }
  }

  @Test func metadataWithoutCaptions() throws {
    let known = #"{"image_path": "1", "url": "x"}, {"image_path": "2"}, {"image_path": "3"}"#
    try folder(files, "[\(known)]") { request in
      let report = try request.contents().report
      #expect(report.imagesWithoutCaption == 3)
    }
    try folder(files, "[\(known.replacing("url", with: "alt"))]") { request in
      ImportFixture.expectFailure(.usage, "has the keys image_path, alt, of which none") {
        _ = try request.contents()
      }
      var request = request
      request.captionOptions.captionColumns = ["alt"]
      let captions = try request.contents().contents.captionTexts
      #expect(captions == ["x"])
    }
    let columns =
      #"{"image_path": {"0": "1", "1": "2", "2": "3"}, "caption": {"0": "x", "1": "y", "2": "z"}}"#
    try folder(files, columns) { request in
      ImportFixture.expectFailure(.badData, #"orient="records""#) { _ = try request.contents() }
    }
  }

  @Test func captionsElsewhere() throws {
    try folder(files, #"["one", "two", "three"]"#, at: "other.json") { request in
      var request = request
      ImportFixture.expectFailure(.badData, "neither captions.json nor metadata/metadata_0.parquet") {
        _ = try request.contents()
      }
      request.captions = "\(request.input)/other.json"
      let count = try request.contents().contents.captionTexts.count
      #expect(count == 3)
    }
  }

  @Test func whatDoesNotBelongTogether() throws {
    let three = #"["one", "two", "three"]"#
    try folder(files, #"["one", "two"]"#) { request in
      ImportFixture.expectFailure(.badData, "3 rows of embeddings in 2 files") { _ = try request.contents() }
    }
    try folder([[[1, 2], [3, 4]], [[5, 6, 7]]], three) { request in
      ImportFixture.expectFailure(.badData, "different forms") { _ = try request.contents() }
    }
    try folder([], three) { request in
      ImportFixture.expectFailure(.badData, "no .npy files") { _ = try request.contents() }
    }
    try folder(files, #"{"0": "one"}"#) { request in
      ImportFixture.expectFailure(.usage, "has the keys 0, of which none") { _ = try request.contents() }
    }
    try folder(files, three) { request in
      var request = request
      request.imageIDs = "ids.txt"
      ImportFixture.expectFailure(.usage, "leave out --image-ids") { _ = try request.contents() }
    }
  }

  @Test func constantAndIdenticalRowsAreTold() throws {
    let rows: [[Float]] = [[0, 0], [2, 2], [3, 4], [3, 4], [5, 6]]
    try folder([rows], #"["1", "2", "3", "4", "5"]"#) { request in
      let report = try request.contents().report
      #expect(report.constantRows == 2)
      #expect(report.identicalImages.count == 2)
      #expect("\(report)".contains("2 embeddings with one number over and over"))
      #expect(
        "\(report)".contains(
          "2 images with the same embedding (\(report.identicalImages.joined(separator: ", ")))"))
    }
    try folder([[[3, 4], [1, 2], [3, 4]]], #"["1", "2", "3"]"#) { request in
      ImportFixture.expectFailure(.badData, "the same embedding for 2 of its 3 images") {
        _ = try request.contents()
      }
    }
  }

  @Test func unitLengthIsTold() throws {
    try folder([[[0.6, 0.8], [1, 0]]], #"["1", "2"]"#) { request in
      let (contents, report) = try request.contents()
      #expect(contents.normalized && report.cameNormalized)
      #expect("\(report)".contains("normalized already when they came"))
    }
    try folder([[[3, 4], [1, 0]]], #"["1", "2"]"#) { request in
      var request = request
      request.normalizes = true
      let (contents, report) = try request.contents()
      #expect(contents.normalized && !report.cameNormalized)
    }
  }
}
