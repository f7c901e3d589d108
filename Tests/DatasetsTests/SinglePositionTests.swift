import Foundation
import Testing

@testable import Datasets
@testable import FileFormats

/// Embeddings [N, 1, D], as stacking what `encode_image` returns makes them, are [N, D].
@Suite struct SinglePositionTests {
  private static let program = (Bundle.main.executableURL ?? URL(fileURLWithPath: "."))
    .deletingLastPathComponent().appending(path: "capstan").path
  private let stacked = ArrayEntry(
    name: "embeddings", shape: [3, 1, 4], floats: ImportFixture.rows.flatMap(\.self))
  private let ids = ["10.jpg", "11.jpg", "12.jpg"]

  private func expectPlain(_ path: String, encoder: String? = "test") throws {
    var request = ImportRequest(input: path)
    request.hdf5Program = Self.program
    request.encoder = encoder
    let (contents, report) = try request.contents()
    #expect(contents.positions == nil && contents.width == 4)
    #expect(contents.rowsOfFloats == ImportFixture.rows && contents.imageIDs == ids)
    #expect(report.positions == nil && report.width == 4)
    #expect(report.warnings.count == 1 && report.warnings[0].contains("taken as 3 rows of 4"))
  }

  @Test func ofAnArchive() throws {
    try StoreFixture.inDirectory { directory in
      let path = "\(directory)/x.npz"
      try NumpyArchive.write([stacked], strings: [("image_ids", ids)], to: path)
      try expectPlain(path)
      var request = ImportRequest(input: path)
      request.encoder = "ViT-B-32"
      ImportFixture.expectFailure(.usage, "width 4, but those of ViT-B-32 have 512") {
        _ = try request.contents()
      }
    }
    #expect(try ImportFixture.request("positions.npz").contents().report.warnings.isEmpty)
  }

  @Test func ofAPickle() throws {
    let captions = ids.enumerated().map { row, id in
      PickleTerm.dictionary([
        ("image_id", .string(id)), ("caption", .string("x")), ("clip_embedding", .integer(row)),
      ])
    }
    try StoreFixture.inDirectory { directory in
      try TorchFile.write(
        pickleOf: .dictionary([
          ("clip_embedding", .tensor(stacked)), ("captions", .list(AnySequence(captions))),
        ]), to: "\(directory)/x.pkl")
      try expectPlain("\(directory)/x.pkl")
    }
  }

  @Test func ofAnHDF5FileOfOthers() throws {
    try StoreFixture.inDirectory { directory in
      let file = try HDF5Writer(creating: "\(directory)/x.h5")
      try file.write(stacked)
      try file.write(ids, as: "image_ids")
      try file.close()
      try expectPlain("\(directory)/x.h5")
    }
  }

  @Test func ofAStore() throws {
    var contents = StoreFixture.contents
    try StoreFixture.inDirectory { directory in
      try contents.write(to: "\(directory)/plain.h5")
      contents.positions = 1
      contents.imageIDs = ["c.jpg", "d.jpg"]
      try contents.write(to: "\(directory)/stacked.h5")
      let stacked = try HDF5File(path: "\(directory)/stacked.h5").dataset("/embeddings").shape
      #expect(stacked == [2, 1, 3])
      let stores = try EmbeddingStore.open(["\(directory)/*.h5"])
      #expect(stores.map(\.positions) == [nil, nil])
      try StoreSelection.merging(stores).selection.write(to: "\(directory)/merged.h5")
      let merged = try HDF5File(path: "\(directory)/merged.h5").dataset("/embeddings").shape
      #expect(merged == [4, 3])
    }
  }
}
