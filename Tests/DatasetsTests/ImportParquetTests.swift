import Foundation
import Support
import Testing

@testable import Datasets
@testable import FileFormats

/// Tables that `FileFormatsTests/Golden/Parquet/make_parquet.py` wrote, whose content is in `expected.json` beside them.
@Suite struct ImportParquetTests {
  private static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().path + "/FileFormatsTests/Golden/Parquet"
  private let table = folder + "/duckdb.parquet"

  private func expected(_ column: String) throws -> [[String]] {
    let all = try JSONDecoder().decode(
      [String: [[String]]].self, from: Data(mapping: Self.folder + "/expected.json"))
    return try #require(all[column])
  }

  private func request(_ input: String, _ change: (inout ImportRequest) -> Void = { _ in }) -> ImportRequest {
    var request = ImportRequest(input: input)
    request.encoder = "test"
    change(&request)
    return request
  }

  @Test(arguments: ["duckdb", "pyarrow-snappy", "pandas-gzip"]) func embeddingsAndCaptionsOfOneTable(
    name: String
  ) throws {
    let (contents, report) = try request("\(Self.folder)/\(name).parquet").contents()
    #expect(try contents.imageIDs == expected("file_name").map { $0[0] })
    #expect(try contents.rowsOfFloats == expected("embedding").map { $0.compactMap(Float.init) })
    #expect(try contents.splits == expected("split").map { $0[0] })
    #expect(try contents.captionTexts == expected("caption").flatMap(\.self))
    #expect(report.pairs.count == 3)
  }

  @Test func columnsAreChosen() throws {
    let contents = try request(table) { $0.captionOptions.captionColumns = ["references"] }.contents()
      .contents
    #expect(try contents.captionTexts == expected("references").flatMap(\.self))
    ImportFixture.expectFailure(.usage, "no column nothing but image_id") {
      _ = try request(table) { $0.embeddingsKey = "nothing" }.contents()
    }
    ImportFixture.expectFailure(.usage, "holds no floating-point numbers") {
      _ = try request(table) { $0.embeddingsKey = "references" }.contents()
    }
    ImportFixture.expectFailure(.usage, "of which none holds lists of numbers") {
      _ = try request(Self.folder + "/pyarrow-half.parquet").contents()
    }
  }

  @Test func captionsOfOtherEmbeddings() throws {
    let file = try CaptionFile(path: table, options: CaptionOptions())
    #expect(try file.images.map(\.captions) == expected("caption"))
    #expect(try file.images.map(\.split) == expected("split").map { $0[0] })
    #expect(
      try CaptionTexts.read(table, split: "val").count
        == file.images.filter { $0.split == "val" }.flatMap(\.captions).count)
  }

  /// As clip-retrieval has it: files of rows, and of their metadata in the same order.
  @Test func metadataOfAFolder() throws {
    try StoreFixture.inDirectory { directory in
      let header = NumpyHeader.bytes(type: "<f4", shape: [240, 2])
      let rows = (0..<480).map(Float.init)
      try DurableFile.write(
        header + rows.withUnsafeBytes { Data($0) }, to: "\(directory)/img_emb/img_emb_0.npy")
      try DurableFile.makeDirectory("\(directory)/metadata")
      for (number, name) in ["duckdb", "pyarrow-plain"].enumerated() {
        try FileManager.default.copyItem(
          atPath: "\(Self.folder)/\(name).parquet",
          toPath: "\(directory)/metadata/metadata_\(number + 9).parquet")
      }
      let (contents, report) = try request(directory) { $0.keepsFirst = true }.contents()
      #expect(try contents.imageIDs == expected("file_name").map { $0[0] })
      #expect(contents.captionTexts.count == 2 * (try expected("caption").flatMap(\.self).count))
      #expect(report.pairs.count == 3)
      try FileManager.default.removeItem(atPath: "\(directory)/metadata/metadata_10.parquet")
      ImportFixture.expectFailure(.badData, "has 120 entries") { _ = try request(directory).contents() }
    }
  }
}
