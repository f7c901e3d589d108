import Foundation
import Support
import Testing

@testable import Datasets
@testable import FileFormats

/// What ClipCap's pickles and its forks' name images by.
@Suite struct ImportPickleIDTests {
  /// Imports a pickle with two images of two captions each, whose entries have `names` beside ClipCap's own keys.
  private func imported(
    _ names: [[(String, PickleTerm)]], imageColumn: String? = nil
  ) throws -> (contents: StoreContents, report: ImportReport) {
    try StoreFixture.inDirectory { directory in
      let captions = names.enumerated().map { index, names in
        PickleTerm.dictionary(
          names.map { (key: $0.0, value: $0.1) } + [
            (key: "caption", value: .string("caption \(index)")),
            (key: "clip_embedding", value: .integer(index)),
          ])
      }
      let tensor = ArrayEntry(name: "x", shape: [4, 1], floats: [1, 1, 2, 2])
      try TorchFile.write(
        pickleOf: .dictionary([
          ("clip_embedding", .tensor(tensor)), ("captions", .list(AnySequence(captions))),
        ]), to: "\(directory)/x.pkl")
      var request = ImportRequest(input: "\(directory)/x.pkl")
      request.encoder = "test"
      request.captionOptions.imageColumn = imageColumn
      return try request.contents()
    }
  }

  private func ids(_ terms: [PickleTerm]) -> [[(String, PickleTerm)]] { terms.map { [("image_id", $0)] } }

  private func tensor(_ value: Float, _ shape: [Int] = []) throws -> PickleTerm {
    try PickleTerm.tensor(
      ArrayEntry(name: "id", shape: shape, floats: Array(repeating: value, count: shape.reduce(1, *))))
  }

  @Test func numbersOfAnyKind() throws {
    let kinds: [[PickleTerm]] = [
      [.integer(391), .integer(391), .integer(522), .integer(522)],
      [.string("391"), .string("391"), .string("522"), .string("522")],
      [try tensor(391), try tensor(391), try tensor(522, [1]), try tensor(522)],
    ]
    for kind in kinds {
      let (contents, report) = try imported(ids(kind))
      #expect(contents.imageIDs == ["391", "522"])
      #expect(contents.captionRows == [0, 0, 1, 1])
      #expect(report.findings == "Images are named by image_id.")
      #expect(report.pairs[0].description == "391 (caption 0, row 0): caption 0")
    }
  }

  @Test func wholeFloats() {
    #expect(PickleValue.float(391_895).imageName == "391895")
    for number in [1.5, .nan, .infinity, 1e300] { #expect(PickleValue.float(number).imageName == nil) }
  }

  @Test func filesInPlaceOfIDs() throws {
    for key in ["filename", "file_name", "image", "image_path"] {
      let names = ["a.jpg", "a.jpg", "b.jpg", "b.jpg"].enumerated().map {
        [(key, PickleTerm.string($1)), ("id", .integer($0))]
      }
      #expect(try imported(names).contents.imageIDs == ["a.jpg", "b.jpg"])
      #expect(try imported(names, imageColumn: key).contents.imageIDs == ["a.jpg", "b.jpg"])
    }
  }

  @Test func rowsWhereNothingNamesImages() throws {
    let (contents, report) = try imported((0..<4).map { [("id", .integer($0))] })
    #expect(contents.imageIDs == ["0", "1", "2", "3"])
    #expect("\(report)".contains("Nothing names the images, so the rows' numbers are their ids."))
  }

  @Test func whatNamesNoImage() throws {
    let whole: [PickleTerm] = [.integer(1), .integer(1), .integer(2)]
    for (term, part) in [
      (PickleTerm.none, "caption 3 whose image_id is None"), (.string(""), "an empty string"),
      (.tuple([.integer(1)]), "a list"), (try tensor(1, [2]), "a tensor of shape [2]"),
      (try tensor(0.5), "a tensor"),
      // Single precision does not tell it from the next.
      (try tensor(16_777_216), "a tensor"), (.bool(true), "a boolean"),
    ] {
      ImportFixture.expectFailure(.badData, part) { _ = try imported(ids(whole + [term])) }
    }
    ImportFixture.expectFailure(.usage, "has no file but image_id, caption, clip_embedding") {
      _ = try imported(ids(whole + [.integer(2)]), imageColumn: "file")
    }
  }
}
