import Foundation
import Support
import Testing

@testable import Datasets

/// Pickles of ClipCap's forks, and numpy's arrays in place of tensors (`Golden/Import/make.py`).
@Suite struct ImportPickleFormsTests {
  private static let captions = ["A dog.", "Two  cats", "A dog runs.", "naïve 😀"]

  @Test(arguments: [
    "numpy-float16", "numpy-float32", "numpy-float64", "numpy-fortran", "numpy-big-endian", "numpy-stacked",
  ])
  func arraysOfNumpys(_ name: String) throws {
    for version in [2, 4, 5] {
      let (contents, report) = try ImportFixture.request("\(name)-\(version).pkl").contents()
      #expect(contents.imageIDs == ["10", "11", "12"])
      #expect(contents.rowsOfFloats == ImportFixture.rows)
      #expect(contents.isHalf == (name == "numpy-float16"))
      #expect(contents.captionTexts == Self.captions && contents.captionRows == [0, 1, 0, 2])
      #expect(report.warnings.count == (name == "numpy-stacked" ? 1 : 0))
    }
  }

  @Test(arguments: ["chinese.pkl", "chinese-numpy.pkl"])
  func pairsAndEmbeddingsByImage(_ name: String) throws {
    let (contents, report) = try ImportFixture.request(name).contents()
    #expect(contents.imageIDs == ["10", "11", "12"])
    #expect(contents.rowsOfFloats == ImportFixture.rows)
    #expect(contents.captionTexts == Self.captions && contents.captionRows == [0, 1, 0, 2])
    #expect(report.findings == "Images are named by the keys of their embeddings.")
    #expect(report.pairs[0].description == "10 (caption 0, row 0): A dog.")
    for change: (inout ImportRequest) -> Void in [
      { $0.embeddingsKey = "clip_embedding" }, { $0.captionOptions.imageColumn = "image_id" },
    ] {
      ImportFixture.expectFailure(.usage, "leave out --embeddings and --image-column") {
        _ = try ImportFixture.request(name, change).contents()
      }
    }
  }

  @Test func embeddingsOfCaptions() throws {
    let (contents, report) = try ImportFixture.request("capdec.pkl").contents()
    #expect(contents.imageIDs == ["10#0", "11#0", "10#1", "12#0"])
    #expect(contents.rowsOfFloats.flatMap(\.self) == (0..<16).map(Float.init))
    #expect(contents.captionTexts == Self.captions && contents.captionRows == [0, 1, 2, 3])
    #expect(
      report.warnings.count == 1 && report.warnings[0].contains("embeddings of captions, not of images"))
  }

  @Test func embeddingsOfCaptionsBesideThoseOfImages() throws {
    let (images, report) = try ImportFixture.request("capdec-images.pkl").contents()
    #expect(images.imageIDs == ["10", "11", "12"] && images.rowsOfFloats == ImportFixture.rows)
    #expect(
      report.warnings.count == 1 && report.warnings[0].contains("--embeddings clip_embedding_text_dave"))
    let texts = ImportFixture.request("capdec-images.pkl") {
      $0.embeddingsKey = "clip_embedding_text_dave"
    }
    #expect(try texts.contents().contents.imageIDs == ["10#0", "11#0", "10#1", "12#0"])
    ImportFixture.expectFailure(.usage, "under features nothing") {
      _ = try ImportFixture.request("capdec-images.pkl") { $0.embeddingsKey = "features" }.contents()
    }
  }
}
