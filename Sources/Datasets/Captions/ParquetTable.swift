import FileFormats
import Support

/// Images and captions in Parquet, whose columns mean what their names say (`CaptionColumns`).
struct ParquetTable {
  private let file: ParquetFile
  private let options: CaptionOptions
  private let columns: CaptionColumns

  /// - Throws: `Failure.usage` where it is not clear which columns are meant, and `Failure.badData` where the file is
  ///   damaged.
  init(_ file: ParquetFile, options: CaptionOptions) throws {
    (self.file, self.options) = (file, options)
    columns = try CaptionColumns(file.columns.map(\.name), options: options, path: file.path)
  }

  /// The images of the table, each with the captions of all its rows.
  ///
  /// - Parameter needsImages: whether a table without a column that names images is refused.
  /// - Throws: `Failure.usage` without a column of captions, and `Failure.badData` where the file is damaged.
  func file(needsImages: Bool) throws -> CaptionFile {
    try columns.require(images: needsImages, among: file.columns.map(\.name), path: file.path)
    var list = CaptionedImages(columns: columns.images, path: file.path)
    for image in try rows() { try list.add(image) }
    return CaptionFile(path: file.path, columns: columns, images: list.images)
  }

  /// Every row on its own, as one that belongs to a row of embeddings. One that names no image is called by its number.
  ///
  /// - Parameter first: the number of the first row.
  func entries(from first: Int = 0) throws -> CaptionFile {
    let images = try rows().enumerated().map { row, image in
      var image = image
      if image.name.isEmpty { image.names = ["\(first + row)"] }
      return image
    }
    return CaptionFile(path: file.path, columns: columns, images: images)
  }

  private func rows() throws -> [CaptionedImage] {
    let images = try columns.images.map { try texts(of: $0.name) }
    let captions = try columns.captions.map(texts)
    let splits = try columns.split.map(texts)
    return (0..<file.rowCount).map { row in
      CaptionedImage(
        names: images.map { $0(row).first ?? "" }, split: splits?(row).first.flatMap(options.split),
        captions: captions.flatMap { $0(row) }, place: "row \(row)")
    }
  }

  /// What a column holds in a row, numbers as text.
  private func texts(of name: String) throws -> (_ row: Int) -> [String] {
    guard let column = file.column(named: name) else { return { _ in [] } }
    let rows = try file.rows(of: column)
    return { rows[$0].map { rows.values.text(at: $0).trimmed } }
  }
}
