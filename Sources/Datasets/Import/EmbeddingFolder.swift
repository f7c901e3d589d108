import Essentials
import Foundation
import Storage

/// A folder of embeddings as clip-retrieval writes it, `img_emb/img_emb_0.npy` and so on, or that `img_emb`
/// itself, with a `captions.json` in it or beside it.
///
/// The JSON is a list with an entry for each row, the files taken in the order of their numbers. An entry is
/// an object that names the image by `image_path`, `image_id` or `key` (or by nothing: the row's number is
/// its id) and has a `caption`, `captions` or neither; or it is the caption alone.
struct EmbeddingFolder {
  let matrix: EmbeddingMatrix
  /// One per row.
  let images: [(id: String, captions: [String])]

  /// `captions` names the JSON where it lies elsewhere.
  ///
  /// Throws `Failure.badData` where files are missing or damaged, or do not belong together.
  init(path: String, captions: String?) throws {
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
    let entries = try decode([Entry].self, from: Data(mapping: json), as: "a list of captions", path: json)
    guard entries.count == matrix.rowCount else {
      throw Failure.badData(
        "\(folder) has \(matrix.rowCount) rows of embeddings in \(arrays.count) files, but \(json) has "
          + "\(entries.count) entries; give one for each row, in the same order.")
    }
    images = entries.enumerated().map { ($1.id ?? "\($0)", $1.captions) }
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

  private struct Entry: Decodable {
    let id: String?
    let captions: [String]

    private enum CodingKeys: String, CodingKey {
      case imagePath = "image_path"
      case imageID = "image_id"
      case key, caption, captions
    }

    init(from decoder: any Decoder) throws {
      if let caption = try? decoder.singleValueContainer().decode(String.self) {
        (id, captions) = (nil, [caption])
        return
      }
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      id = try [.imagePath, .imageID, .key].lazy.compactMap { key in
        try fields.decodeIfPresent(COCOCaptions.Identifier.self, forKey: key)?.description
      }.first
      captions =
        try fields.decodeIfPresent([String].self, forKey: .captions)
        ?? [fields.decodeIfPresent(String.self, forKey: .caption)].compactMap(\.self)
    }
  }
}
