import Essentials
import Foundation
import Storage

/// A folder of embeddings as clip-retrieval writes it, `img_emb/img_emb_0.npy` and so on, or that `img_emb`
/// itself, with a `captions.json` in it or beside it.
///
/// The JSON is a list with an entry for each row, or has one on each line, the files taken in the order of their
/// numbers. An entry is an object whose keys are columns (`CaptionColumns`), or the caption alone; where it does not name
/// its image, the row's number does.
struct EmbeddingFolder {
  let matrix: EmbeddingMatrix
  /// One per row.
  let images: [CaptionedImage]
  /// In which columns images, captions and splits were found, for people.
  let findings: String

  /// `captions` names the JSON where it lies elsewhere.
  ///
  /// Throws `Failure.badData` where files are missing or damaged, or do not belong together, and `Failure.usage` where it
  /// is not clear which keys are meant.
  init(path: String, captions: String?, options: CaptionOptions) throws {
    let files = FileManager.default
    let inner = "\(path)/img_emb"
    let folder = files.fileExists(atPath: inner) ? inner : path
    let arrays = try Self.arrays(in: folder)
    let candidates = captions.map { [$0] } ?? ["\(folder)/captions.json", "\(folder)/../captions.json"]
    guard let json = candidates.first(where: files.fileExists) else {
      throw Failure.badData(
        "\(path) has no captions.json, and metadata in parquet is not read; make one of it as "
          + "docs/interoperability.md shows, or name it with --captions.")
    }
    matrix = try Self.matrix(of: arrays, name: folder)
    let entries = try CaptionJSON.entries(in: Data(mapping: json), path: json, options: options)
    guard entries.images.count == matrix.rowCount else {
      throw Failure.badData(
        "\(folder) has \(matrix.rowCount) rows of embeddings in \(arrays.count) files, but \(json) has "
          + "\(entries.images.count) entries; give one for each row, in the same order.")
    }
    images = entries.images
    findings = entries.findings
  }

  /// In the order of the numbers in their names.
  private static func arrays(in folder: String) throws -> [String] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasSuffix(".npy") }
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    guard !names.isEmpty else {
      throw Failure.badData(
        "\(folder) has no .npy files; name the folder that clip-retrieval wrote, with img_emb in it.")
    }
    return names.map { "\(folder)/\($0)" }
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
