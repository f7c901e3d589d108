import FileFormats
import Foundation
import Support

/// A table of images and captions: fields parted by commas, tabs, semicolons or bars, under a header that names the
/// columns (`CaptionColumns`). Without one, it has two columns, image and caption, or its columns are given as numbers.
struct CaptionTable {
  private let path: String
  private let options: CaptionOptions
  private let delimiter: UInt8
  /// The fields of the first line.
  private let first: [String]
  private let hasHeader: Bool

  /// Nil where the file is no table. Throws `Failure.usage` where it may be read as two.
  init?(of bytes: Data, options: CaptionOptions, path: String) throws {
    (self.path, self.options) = (path, options)
    let candidates = Self.delimiters.map { ($0, Self.firstRecord(of: bytes, delimiter: $0, path: path)) }
    let headers = candidates.filter { Self.isHeader($0.1, options: options) }
    let bare = candidates.filter { Self.isData($0.1, options: options) }
    hasHeader = !headers.isEmpty
    let readings = hasHeader ? headers : bare
    // A header of one column is the same by any delimiter.
    guard let (delimiter, fields) = readings.first else { return nil }
    guard readings.count == 1 || fields.count == 1 else {
      throw Failure.usage(
        "\(path) begins with \(Self.excerpt(fields.joined(separator: Self.character(delimiter)))), which may be parted "
          + "at \(readings.map { Self.character($0.0).debugDescription }.joined(separator: " or at ")); give it a header "
          + "with one of these between the names of the columns, such as image and caption.")
    }
    (self.delimiter, first) = (delimiter, fields)
  }

  private static let delimiters = ",\t;|".utf8.map(\.self)
  private static func character(_ delimiter: UInt8) -> String { String(UnicodeScalar(delimiter)) }

  private static func firstRecord(of bytes: Data, delimiter: UInt8, path: String) -> [String] {
    bytes.withoutByteOrderMark.withUnsafeBytes {
      var text = DelimitedText($0, delimiter: delimiter, path: path)
      return (try? text.record())??.fields ?? []
    }
  }

  /// A header has a known name in it, or one that an option gives.
  private static func isHeader(_ fields: [String], options: CaptionOptions) -> Bool {
    guard options.numbers == nil else { return false }
    let given = Set(options.columns.map(CaptionColumns.normal))
    return fields.contains { CaptionColumns.isKnown($0) || given.contains(CaptionColumns.normal($0)) }
      && (fields.count > 1 || !ImageColumn.isKnown(CaptionColumns.normal(fields[0])))
  }

  /// Without a header the first of two fields shows by an ending or its digits that it is an image.
  private static func isData(_ fields: [String], options: CaptionOptions) -> Bool {
    if let numbers = options.numbers { return fields.count >= numbers.max() ?? 1 && fields.count > 1 }
    guard fields.count > 1, case let name = fields[0].trimmed else { return false }
    return name.hasEnding || name.contains(where: \.isNumber) && !name.contains(where: \.isWhitespace)
  }

  /// - Parameter needsImages: whether a table without a column that names images is refused.
  /// - Throws: `Failure.usage` where it is not clear which columns are meant, and `Failure.badData` where a line has
  ///   more or fewer fields than the first, or the file is damaged.
  func file(in bytes: Data, needsImages: Bool) throws -> CaptionFile {
    let names = hasHeader ? first.map(\.trimmed) : (1...first.count).map(String.init)
    let columns = try self.columns(among: names)
    try columns.require(images: needsImages, among: names, path: path)
    func indices(_ columns: [String]) -> [Int] {
      names.indices.filter { columns.contains(names[$0]) }
    }
    let images = columns.images.flatMap { indices([$0.name]) }
    let captions = indices(columns.captions)
    let split = columns.split.flatMap { indices([$0]).first }

    let values = CaptionValues(options: options, path: path)
    var list = CaptionedImages(columns: columns.images, path: path)
    try bytes.withoutByteOrderMark.withUnsafeBytes { buffer in
      var text = DelimitedText(buffer, delimiter: delimiter, path: path)
      if hasHeader { _ = try text.record() }
      while let record = try text.record() {
        guard record.fields.count == first.count else { throw miscounted(record) }
        try list.add(
          CaptionedImage(
            names: images.map { record.fields[$0].trimmed },
            split: split.flatMap { options.split(named: record.fields[$0]) },
            captions: captions.flatMap { try values.captions(inField: record.fields[$0], on: record.line) },
            place: "line \(record.line)"))
      }
    }
    return CaptionFile(path: path, columns: columns, images: list.images)
  }

  private func columns(among names: [String]) throws -> CaptionColumns {
    var options = options
    if !hasHeader, !options.namesColumns {
      guard first.count == 2 else {
        throw Failure.usage(
          "\(path) has \(first.count) columns and no header that names them, its first line being "
            + "\(Self.excerpt(first.joined(separator: Self.character(delimiter)))); name two by their numbers, such as "
            + "--image-column 1 --caption-column \(first.count), or add a header.")
      }
      (options.imageColumn, options.captionColumns) = ("1", ["2"])
    }
    return try CaptionColumns(names, options: options, path: path)
  }

  private func miscounted(_ record: DelimitedText.Record) -> Failure {
    let (delimiter, count) = (Self.character(delimiter), record.fields.count)
    let separator = delimiter.debugDescription
    let advice =
      count < first.count
      ? "add the \(separator) that is missing, or take out a line end within a caption that is not in quotes"
      : "put captions that contain \(separator) in quotes"
    return .badData(
      "\(path) has \(count) fields on line \(record.line), \(Self.excerpt(record.fields.joined(separator: delimiter))), "
        + "where \(first.count) (\(first.map(\.trimmed).joined(separator: ", "))) were expected; \(advice).")
  }

  private static func excerpt(_ text: String) -> String {
    (text.count > 60 ? text.prefix(60) + "…" : text[...]).debugDescription
  }
}

extension CaptionOptions {
  /// The columns that are given.
  fileprivate var columns: [String] { [imageColumn, splitColumn].compactMap(\.self) + captionColumns }

  /// The columns that are given, where all are numbers: those of a table without a header.
  fileprivate var numbers: [Int]? {
    let numbers = columns.compactMap { Int($0) }
    return columns.isEmpty || numbers.count < columns.count ? nil : numbers
  }
}
