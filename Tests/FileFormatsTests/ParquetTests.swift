import Foundation
import Support
import Testing

@testable import FileFormats

/// The files that `Golden/Parquet/make_parquet.py` wrote by pyarrow, pandas and DuckDB.
@Suite struct ParquetTests {
  private func path(_ name: String) throws -> String {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Golden/Parquet/\(name)").path
  }

  private static let tables = [
    "pyarrow-snappy", "pyarrow-zstd-2", "pyarrow-plain", "pandas-gzip", "duckdb", "duckdb-zstd",
  ]

  @Test(arguments: tables) func readsWhatOthersWrite(name: String) throws {
    let expected = try JSONDecoder().decode(
      [String: [[String]]].self, from: Data(mapping: path("expected.json")))
    let file = try ParquetFile(path: path("\(name).parquet"))
    #expect(file.rowCount == 120)
    for (name, rows) in expected {
      let column = try #require(file.column(named: name), "\(name)")
      let found = try file.rows(of: column)
      #expect((0..<found.count).map { found[$0].map(found.values.text(at:)) } == rows, "\(name)")
    }
    #expect(file.column(named: "references")?.isList == true)
    #expect(file.column(named: "image.path")?.isList == false)
  }

  @Test func halfPrecision() throws {
    let file = try ParquetFile(path: path("pyarrow-half.parquet"))
    guard case .floats(let values) = try file.rows(of: file.columns[0]).values else {
      Issue.record("halves are floats")
      return
    }
    #expect(values == [0.5, -2, 65504])
  }

  @Test(arguments: [
    ("pyarrow-delta", "image_id", "DELTA_BINARY_PACKED"), ("pyarrow-delta", "file_name", "DELTA_BYTE_ARRAY"),
    ("pyarrow-brotli", "caption", "Brotli"), ("pyarrow-nested", "boxes", "a list of lists"),
    ("duckdb", "image.bytes", "of a type that is not read"),
  ]) func refusesWhatItDoesNotRead(name: String, column: String, reason: String) throws {
    let file = try ParquetFile(path: path("\(name).parquet"))
    let column = try #require(file.column(named: column))
    expectRefusal(reason, of: name) { _ = try file.rows(of: column) }
  }

  @Test(arguments: tables) func damagedFilesAreRefusedOrRead(name: String) throws {
    let bytes = Array(try Data(mapping: path("\(name).parquet")))
    let damaged = NSTemporaryDirectory() + "damaged-\(UUID()).parquet"
    defer { try? FileManager.default.removeItem(atPath: damaged) }
    func read(_ bytes: [UInt8]) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: damaged))
      do {
        let file = try ParquetFile(path: damaged)
        for column in file.columns { _ = try file.rows(of: column) }
      } catch let failure as Failure { #expect(failure.kind == .badData) }
    }
    for length in stride(from: 0, to: bytes.count, by: 331) { try read(Array(bytes.prefix(length))) }
    for position in stride(from: 4, to: bytes.count, by: 97) {
      var changed = bytes
      changed[position] ^= 0xff
      try read(changed)
    }
  }
}
