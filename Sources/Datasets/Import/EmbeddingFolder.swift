import FileFormats
import Foundation
import Support

/// A folder of embeddings as clip-retrieval writes it, `img_emb/img_emb_0.npy` and so on, or that `img_emb`
/// itself, with a `captions.json` in it or beside it, or its `metadata/metadata_0.parquet` and so on.
///
/// The JSON is a list with an entry for each row, or has one on each line, the files taken in the order of their
/// numbers. An entry is an object whose keys are columns (`CaptionColumns`), or the caption alone; so are the rows of the
/// metadata. Where an entry does not name its image, the row's number does.
struct EmbeddingFolder {
  let matrix: EmbeddingMatrix
  /// One per row.
  let images: [CaptionedImage]
  /// In which columns images, captions and splits were found, for people.
  let findings: String

  /// `captions` names the JSON, or the folder of metadata, where it lies elsewhere.
  ///
  /// Throws `Failure.badData` where files are missing or damaged, or do not belong together, and `Failure.usage` where it
  /// is not clear which keys are meant.
  init(path: String, captions: String?, options: CaptionOptions) throws {
    let inner = "\(path)/img_emb"
    let folder = FileKind(inner) == nil ? path : inner
    let arrays = Self.files(in: folder, ending: ".npy")
    guard !arrays.isEmpty else {
      throw Failure.badData(
        "\(folder) has no .npy files; name the folder that clip-retrieval wrote, with img_emb in it.")
    }
    let candidates =
      captions.map { [$0] }
      ?? ["\(folder)/captions.json", "\(folder)/../captions.json", "\(folder)/../metadata", folder]
    let tables = candidates.lazy.map { Self.files(in: $0, ending: ".parquet") }.first { !$0.isEmpty } ?? []
    let json = candidates.first { FileKind($0) == .file }
    guard json != nil || !tables.isEmpty else {
      throw Failure.badData(
        "\(path) has neither captions.json nor metadata/metadata_0.parquet, from which the images' names and captions "
          + "come; name the file or the folder of metadata with --captions.")
    }
    matrix = try Self.matrix(of: arrays, name: folder)
    let entries =
      try json.map { [try Self.entries(of: $0, options: options)] } ?? Self.entries(of: tables, options)
    images = entries.flatMap(\.images)
    findings = entries[0].findings
    guard images.count == matrix.rowCount else {
      throw Failure.badData(
        "\(folder) has \(counted(matrix.rowCount, "row")) of embeddings in \(counted(arrays.count, "file")), but "
          + "\(json ?? tables.joined(separator: ", ")) has \(images.count) entries; give one for each row, in the same "
          + "order.")
    }
  }

  private static func entries(of path: String, options: CaptionOptions) throws -> CaptionFile {
    let bytes = try Data(mapping: path)
    return ParquetFile.recognizes(bytes)
      ? try ParquetTable(ParquetFile(path: path), options: options).entries()
      : try CaptionJSON.entries(in: bytes, path: path, options: options)
  }

  private static func entries(of tables: [String], _ options: CaptionOptions) throws -> [CaptionFile] {
    var count = 0
    return try tables.map { path in
      let entries = try ParquetTable(ParquetFile(path: path), options: options).entries(from: count)
      count += entries.images.count
      return entries
    }
  }

  /// Paths in the order of the numbers in their names; none where there is no such folder.
  private static func files(in folder: String, ending: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(ending) }
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
      .map { "\(folder)/\($0)" }
  }

  private static func matrix(of paths: [String], name: String) throws -> EmbeddingMatrix {
    let arrays = try paths.map { path in
      guard case .numbers(let array) = try NumpyArray(Data(mapping: path), name: path) else {
        throw Failure.badData("\(path) holds strings instead of embeddings; remove it from the folder.")
      }
      return array
    }
    guard let rows = StoredArray(rowsOf: arrays) else {
      let forms = Set(arrays.map { "\($0.element) of shape \($0.shape)" })
      throw Failure.badData(
        "The files of \(name) hold rows of different forms\(forms.examples); keep what one encoder made.")
    }
    return try EmbeddingMatrix(rows, name: name)
  }
}
