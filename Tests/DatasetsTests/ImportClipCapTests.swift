import Foundation
import Support
import Testing

@testable import Datasets
@testable import FileFormats

@Suite struct ImportClipCapTests {
  private static let names =
    ["float16", "float32"].flatMap { kind in (2...5).map { "clipcap-\(kind)-\($0).pkl" } }
    + ["clipcap-float64.pkl", "clipcap-bfloat16.pkl", "clipcap-saved.pt"]

  @Test(arguments: names)
  func everyFlavourGivesOneRowForEachImage(_ name: String) throws {
    let (contents, report) = try ImportFixture.request(name).contents()
    #expect(contents.imageIDs == ["10", "11", "12"])
    #expect(contents.rowsOfFloats == ImportFixture.rows)
    #expect(contents.isHalf == (name.contains("float16-") || name.hasSuffix(".pt")))
    #expect(contents.captionTexts == ["A dog.", "Two  cats", "A dog runs.", "naïve 😀"])
    #expect(contents.captionRows == [0, 1, 0, 2])
    #expect(contents.splits == ["train", "train", "train"])
    #expect(contents.source == name)
    #expect(!contents.normalized)
    #expect(report.repeatedRows == 1)
    #expect(report.unusedRows == 0)
  }

  @Test func rowsThatAreStoredOnceAlready() throws {
    let (contents, report) = try ImportFixture.request("clipcap-compact.pkl") { $0.split = "val" }.contents()
    #expect(contents.imageIDs == ["10", "11", "12"])
    #expect(contents.rowsOfFloats == ImportFixture.rows)
    #expect(contents.captionRows == [0, 1, 0, 2])
    #expect(contents.splits == ["val", "val", "val"])
    #expect(report.repeatedRows == 0)
    #expect(report.unusedRows == 1)
  }

  @Test func theFirstOfDifferingRows() throws {
    let (contents, report) = try ImportFixture.request("faulty-differing.pkl") { $0.keepsFirst = true }
      .contents()
    #expect(contents.rowsOfFloats == ImportFixture.rows)
    #expect(report.differingRows == 1)
  }

  @Test(arguments: [
    ("range", "caption 3 for row 4"), ("shifted", "gives row 1 to image 11 and to image 12"),
    ("differing", "different embeddings for image 10 in rows 0 and 2"),
    ("identical", "same embedding for all"),
    ("nan", "image 11"), ("caption", "caption 1 without"), ("shape", "shape [4]"),
    ("other", "is not ClipCap's"),
    ("numpy", "under clip_embedding an object of numpy.ndarray of c8"),
    ("chinese-missing", "caption 1 of image 11, which has no embedding"),
    ("chinese-lengths", "embeddings of different lengths or types"),
    ("chinese-pair", "caption 4 that is a list, but a pair"),
  ])
  func faults(_ name: String, _ part: String) {
    ImportFixture.expectFailure(.badData, part) {
      _ = try ImportFixture.request("faulty-\(name).pkl").contents()
    }
  }

  /// As `parse_conceptual.py` writes it where images of both splits have the same names.
  @Test func captionsThatAreNumberedTwice() throws {
    try StoreFixture.inDirectory { directory in
      func write(_ rows: [Int]) throws -> ImportRequest {
        let captions = rows.map { row in
          PickleTerm.dictionary([
            ("image_id", .string("\(row).jpg")), ("caption", .string("x")), ("clip_embedding", .integer(row)),
          ])
        }
        let tensor = ArrayEntry(name: "x", shape: [5, 1], floats: [1, 2, 3, 4, 5])
        try TorchFile.write(
          pickleOf: .dictionary([
            ("clip_embedding", .tensor(tensor)), ("captions", .list(AnySequence(captions))),
          ]), to: "\(directory)/x.pkl")
        var request = ImportRequest(input: "\(directory)/x.pkl")
        request.encoder = "test"
        return request
      }
      let shifted = try write([0, 1, 0, 1, 2])
      ImportFixture.expectFailure(.badData, "from 0 again at caption 2") { _ = try shifted.contents() }
      let whole = try write([0, 1, 2, 3, 4]).contents().report
      #expect(whole.images == 5 && whole.unusedRows == 0)
      let compact = try write([0, 0, 1, 1, 2]).contents().report
      #expect(compact.images == 3 && compact.unusedRows == 2)
    }
  }

  @Test func zerosCannotBeNormalized() throws {
    let request = ImportFixture.request("faulty-zero.pkl") { $0.normalizes = true }
    ImportFixture.expectFailure(.badData, "image 11 is all zeros") { _ = try request.contents() }
  }

  @Test func optionsThatAPickleHasNoUseFor() {
    let request = ImportFixture.request("clipcap-saved.pt") { $0.captions = "captions.json" }
    ImportFixture.expectFailure(.usage, "leave out --captions") { _ = try request.contents() }
  }

  @Test func theEncoderMustBeNamed() {
    let request = ImportFixture.request("clipcap-saved.pt") { $0.encoder = nil }
    ImportFixture.expectFailure(.usage, "--encoder NAME") { _ = try request.contents() }
    let other = ImportFixture.request("clipcap-saved.pt") { $0.encoder = "ViT-B/32" }
    ImportFixture.expectFailure(.usage, "width 4, but those of ViT-B/32 have 512") {
      _ = try other.contents()
    }
  }

  @Test func widthsOfCLIP() throws {
    func matrix(_ shape: Int...) throws -> EmbeddingMatrix {
      let bytes = Data(count: 4 * shape.reduce(1, *))
      return try EmbeddingMatrix(StoredArray(shape: shape, element: .float32, bytes: bytes), name: "x")
    }
    ImportFixture.expectFailure(.usage, "(as CLIP's RN101 or ViT-B/16 or ViT-B/32 makes them)") {
      _ = try EncoderWidths.check(nil, for: matrix(1, 512), path: "x.pkl")
    }
    #expect(try EncoderWidths.check("RN50x4", for: matrix(1, 640), path: "x.pkl") == "RN50x4")
    #expect(try EncoderWidths.check("my own", for: matrix(1, 640), path: "x.pkl") == "my own")
    #expect(try EncoderWidths.check("ViT-B/32", for: matrix(1, 50, 768), path: "x.npz") == "ViT-B/32")
  }
}
