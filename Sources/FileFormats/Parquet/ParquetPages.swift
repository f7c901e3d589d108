import Foundation
import Support

/// The pages of one column in one row group, read from front to back.
struct ParquetPages {
  /// Values that are there, and for every entry of the column its levels.
  struct Page {
    let values: ParquetValues
    /// Of each entry: 0 where a row begins. Nil where every entry is a row.
    let repetitions: [Int]?
    /// Of each entry: the column's own number where there is a value. Nil where every entry has one.
    let definitions: [Int]?
    let entries: Int
  }

  private let column: ParquetColumn
  private let type: ParquetType
  private let compression: ParquetCompression
  private var reader: ByteReader
  /// Entries that are still to come.
  private var missing: Int
  private var dictionary: ParquetValues?

  /// - Parameters:
  ///   - metadata: Parquet's `ColumnMetaData`.
  ///   - bytes: the whole file.
  ///   - mostEntries: more are refused.
  init(_ column: ParquetColumn, metadata: ThriftValue, in bytes: Data, path: String, mostEntries: Int) throws
  {
    guard let type = column.type, column.repetitions <= 1 else {
      throw Failure.badData(
        "The column \(column.name) of \(path) is \(column.repetitions > 1 ? "a list of lists" : "of a type that is not read"); "
          + "name a column of text, numbers, or lists of these.")
    }
    self.column = column
    self.type = type
    compression = try ParquetCompression(code: metadata[4]?.integer, path: path)
    guard let values = metadata[5]?.integer, (0...mostEntries).contains(values),
      let data = metadata[9]?.integer,
      let size = metadata[7]?.integer, size >= 0, data >= 0, data <= bytes.count
    else {
      throw Failure.badData(
        "\(path) is damaged: its description of the column \(column.name) does not fit the file; copy it or make it again."
      )
    }
    missing = values
    // Writers of before 2017 set the dictionary's offset to 0 where there is none.
    let start = min(data, metadata[11]?.integer.flatMap { $0 > 0 ? $0 : nil } ?? data)
    let end = start.addingReportingOverflow(size)
    reader = try ByteReader(
      bytes.prefix(end.overflow ? bytes.count : end.partialValue), name: path, position: start)
  }

  /// The next page; nil behind the last.
  mutating func next() throws -> Page? {
    while missing > 0 {
      let header = try ThriftValue.structure(from: &reader)
      guard let kind = header[1]?.integer, let size = header[2]?.integer, let stored = header[3]?.integer,
        size >= 0
      else { throw damage }
      let bytes = try reader.take(stored)
      switch (kind, header[5], header[7], header[8]) {
      case (0, let data?, _, _): return try page(data, contents(bytes, size: size))
      case (2, _, let header?, _):
        var contents = try ByteReader(contents(bytes, size: size), name: reader.name)
        guard let count = header[1]?.integer, (0...contents.remaining).contains(count) else { throw damage }
        dictionary = try ParquetValues(plain: count, of: type, from: &contents)
      case (3, _, _, let data?): return try page2(data, bytes, size: size)
      default: continue  // Indices, and pages that later versions may bring.
      }
    }
    return nil
  }

  private func contents(_ bytes: Data, size: Int) throws -> Data {
    guard let contents = compression.decompress(bytes, size: size) else { throw damage }
    return contents
  }

  /// A page of the first kind: its levels are compressed with the values, each behind its length.
  private mutating func page(_ header: ThriftValue, _ contents: Data) throws -> Page {
    var contents = try ByteReader(contents, name: reader.name)
    let entries = try begin(header)
    func levels(upTo most: Int, coded coding: Int?) throws -> [Int]? {
      guard most > 0 else { return nil }
      guard coding == 3 else { throw unread("levels", coding) }
      var bytes = try ByteReader(contents.take(contents.count(UInt32.self)), name: reader.name)
      return try bytes.runLengthCoded(entries, width: Self.bits(most))
    }
    let repetitions = try levels(upTo: column.repetitions, coded: header[4]?.integer)
    let definitions = try levels(upTo: column.definitions, coded: header[3]?.integer)
    return try page(entries, repetitions, definitions, encoding: header[2]?.integer, from: &contents)
  }

  /// A page of the second kind: its levels stand before what is compressed, and the header has their lengths.
  private mutating func page2(_ header: ThriftValue, _ bytes: Data, size: Int) throws -> Page {
    var stored = try ByteReader(bytes, name: reader.name)
    let entries = try begin(header)
    func levels(upTo most: Int, length: Int?) throws -> [Int]? {
      var bytes = try ByteReader(stored.take(length ?? 0), name: reader.name)
      return most > 0 ? try bytes.runLengthCoded(entries, width: Self.bits(most)) : nil
    }
    let repetitions = try levels(upTo: column.repetitions, length: header[6]?.integer)
    let definitions = try levels(upTo: column.definitions, length: header[5]?.integer)
    let rest = try stored.take(stored.remaining)
    guard size >= stored.position - rest.count else { throw damage }
    let isCompressed = header[7]?.boolean ?? true
    var values = try ByteReader(
      isCompressed ? contents(rest, size: size - (stored.position - rest.count)) : rest, name: reader.name)
    return try page(entries, repetitions, definitions, encoding: header[4]?.integer, from: &values)
  }

  /// Counts off a page's entries.
  private mutating func begin(_ header: ThriftValue) throws -> Int {
    guard let entries = header[1]?.integer, (0...missing).contains(entries) else { throw damage }
    missing -= entries
    return entries
  }

  private func page(
    _ entries: Int, _ repetitions: [Int]?, _ definitions: [Int]?, encoding: Int?,
    from contents: inout ByteReader
  ) throws -> Page {
    let count = definitions?.count { $0 == column.definitions } ?? entries
    return Page(
      values: try values(count, encoding: encoding, from: &contents), repetitions: repetitions,
      definitions: definitions, entries: entries)
  }

  private func values(_ count: Int, encoding: Int?, from contents: inout ByteReader) throws -> ParquetValues {
    switch encoding {
    case 0: return try ParquetValues(plain: count, of: type, from: &contents)
    case 2, 8:
      guard count > 0 else { return ParquetValues(of: type) }
      let width = Int(try contents.byte())
      guard width <= 32, let dictionary,
        let values = dictionary.selected(try contents.runLengthCoded(count, width: width))
      else { throw damage }
      return values
    case 3 where type == .boolean:
      try contents.skip(4)
      return .integers(try contents.runLengthCoded(count, width: 1))
    default: throw unread("values", encoding)
    }
  }

  private static func bits(_ most: Int) -> Int { Int.bitWidth - most.leadingZeroBitCount }

  private var damage: Failure {
    .badData(
      "\(reader.name) is damaged: a page of the column \(column.name) before offset \(reader.position) is not what its "
        + "header says; copy it or make it again.")
  }

  private func unread(_ what: String, _ coding: Int?) -> Failure {
    let names = [
      4: "BIT_PACKED", 5: "DELTA_BINARY_PACKED", 6: "DELTA_LENGTH_BYTE_ARRAY", 7: "DELTA_BYTE_ARRAY",
      9: "BYTE_STREAM_SPLIT",
    ]
    return .badData(
      "\(reader.name) has \(what) of the column \(column.name) in the encoding "
        + "\(coding.flatMap { names[$0] } ?? "unknown"), but PLAIN and dictionaries are read; write it again, in pyarrow with "
        + "version \"1.0\" and without column_encoding.")
  }
}
