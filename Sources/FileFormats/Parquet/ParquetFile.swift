import Foundation
import Support

/// A table in Apache Parquet (parquet-format 2.11): what pandas, DuckDB, clip-retrieval, img2dataset and Hugging Face
/// write.
///
/// Text, numbers and lists of these are read, in plain and dictionary encodings, uncompressed or with snappy, zstd or
/// gzip. Encrypted files and the rest of the format are refused.
public struct ParquetFile: Sendable {
  public let path: String
  public let columns: [ParquetColumn]
  public let rowCount: Int
  private let bytes: Data
  private let rowGroups: [ThriftValue]

  /// Whether `bytes` begin as a Parquet file does.
  public static func recognizes(_ bytes: Data) -> Bool { bytes.starts(with: magic) }

  private static let magic = Data("PAR1".utf8)

  /// Reads the footer.
  ///
  /// Throws `Failure.badData` when the file cannot be read, is damaged or is not Parquet's.
  public init(path: String) throws {
    self.path = path
    bytes = try Data(mapping: path)
    guard bytes.count >= 12, bytes.starts(with: Self.magic), bytes.suffix(4) == Self.magic else {
      throw Failure.badData(
        "\(path) is not a whole Parquet file, which begins and ends with PAR1; copy it or make it again.")
    }
    var tail = try ByteReader(bytes, name: path, position: bytes.count - 8)
    let length = try tail.count(UInt32.self)
    guard length <= bytes.count - 12 else {
      throw Failure.badData(
        "\(path) is damaged: its footer is longer than the file; copy it or make it again.")
    }
    var reader = try ByteReader(
      bytes.dropLast(8), name: path, position: bytes.count - 8 - length)
    let footer = try ThriftValue.structure(from: &reader)
    guard let schema = footer[2]?.list, let rows = footer[3]?.integer, let groups = footer[4]?.list, rows >= 0
    else {
      throw Failure.badData("\(path) is damaged: its footer lacks the schema; copy it or make it again.")
    }
    columns = try ParquetColumn.leaves(of: schema, path: path)
    rowCount = rows
    rowGroups = groups
  }

  public func column(named name: String) -> ParquetColumn? { columns.first { $0.name == name } }

  /// The values of a column with the first of each row.
  public struct Rows: Sendable {
    public let values: ParquetValues
    /// Where the values of each row begin, and behind the last row where they end.
    public let starts: [Int]

    public var count: Int { starts.count - 1 }

    /// The places of a row's values: none where it is missing or an empty list.
    public subscript(row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }
  }

  /// Reads a column.
  ///
  /// Throws `Failure.badData` where it is damaged, or of a type, encoding or compression that is not read.
  public func rows(of column: ParquetColumn) throws -> Rows {
    // A run of missing values takes a few bytes, however long it is.
    let mostEntries = inflationLimit(storedSize: bytes.count) / MemoryLayout<Int>.stride
    var values = column.type.map(ParquetValues.init(of:)) ?? .integers([])
    var starts: [Int] = []
    var entries = 0
    for group in rowGroups {
      guard let chunks = group[1]?.list, column.index < chunks.count, let metadata = chunks[column.index][3],
        chunks[column.index][1] == nil
      else {
        throw Failure.badData(
          "\(path) lacks the column \(column.name) in a part of its rows, or has it encrypted or in another file; "
            + "write it again as one file.")
      }
      var pages = try ParquetPages(
        column, metadata: metadata, in: bytes, path: path, mostEntries: mostEntries - entries)
      while let page = try pages.next() {
        entries += page.entries
        var place = values.count
        for entry in 0..<page.entries {
          if page.repetitions?[entry] ?? 0 == 0 { starts.append(place) }
          if page.definitions?[entry] ?? column.definitions == column.definitions { place += 1 }
        }
        values.append(page.values)
      }
    }
    starts.append(values.count)
    guard starts.count == rowCount + 1, starts[0] == 0 else {
      throw Failure.badData(
        "\(path) is damaged: the column \(column.name) has \(starts.count - 1) rows, but the table \(rowCount); copy it "
          + "or make it again.")
    }
    return Rows(values: values, starts: starts)
  }
}
