import FileFormats
import Foundation
import Support

/// Embeddings, images and captions in one Parquet table, as data frames of features are written.
struct ParquetEmbeddings {
  let matrix: EmbeddingMatrix
  /// One for each row; one that the table does not name is called by its row's number.
  let images: [CaptionedImage]
  /// In which columns images, captions and splits were found, for people.
  let findings: String

  /// - Parameter key: the column of the embeddings; nil: the only one that holds lists of numbers.
  /// - Throws: `Failure.usage` where it is not clear which column is meant, and `Failure.badData` where the file is
  ///   damaged, or rows have different numbers of values.
  init(path: String, key: String?, options: CaptionOptions) throws {
    let file = try ParquetFile(path: path)
    let rows = try file.rows(of: try Self.column(key, of: file))
    let width = rows[0].count
    guard let array = rows.values.array(shape: [rows.count, width]) else {
      throw Failure.usage(
        "The column of \(path) that was named as the embeddings holds no floating-point numbers; name another."
      )
    }
    if let odd = (0..<rows.count).first(where: { rows[$0].count != width }) {
      throw Failure.badData(
        "\(path) has an embedding of \(width) numbers in row 0 and of \(rows[odd].count) in row \(odd); keep what one "
          + "encoder made, and no missing values.")
    }
    matrix = try EmbeddingMatrix(array, name: path)
    let entries = try ParquetTable(file, options: options).entries()
    (images, findings) = (entries.images, entries.findings)
  }

  private static func column(_ key: String?, of file: ParquetFile) throws -> ParquetColumn {
    let names = file.columns.map(\.name).joined(separator: ", ")
    guard file.rowCount > 0 else {
      throw Failure.badData("\(file.path) has no rows; check that it is the right file.")
    }
    if let key {
      guard let column = file.column(named: key) else {
        throw Failure.usage(
          "\(file.path) has no column \(key) but \(names); give one of these as --embeddings.")
      }
      return column
    }
    let candidates = file.columns.filter { $0.isList && $0.type?.isFloatingPoint == true }
    guard let only = candidates.first, candidates.count == 1 else {
      throw Failure.usage(
        "\(file.path) has the columns \(names), of which \(candidates.isEmpty ? "none holds" : "several hold") lists of "
          + "numbers; name the one with the embeddings with --embeddings, or give embeddings in another file and "
          + "this one as --captions.")
    }
    return only
  }
}
