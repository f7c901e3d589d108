import FileFormats
import Foundation
import Support

/// Embeddings and image ids from a `.npz` file, or from a `.npy` file beside a list of ids.
struct NumpyEmbeddings {
  let matrix: EmbeddingMatrix
  /// One per row.
  let imageIDs: [String]

  /// `idsPath` names a file of image ids, one on each line or a `.npy` array; nil where they are in the
  /// archive.
  ///
  /// Throws `Failure.badData` when an array is missing or damaged, or the counts differ, and `Failure.usage`
  /// when an option is missing.
  init(path: String, key: String?, idsKey: String?, imageIDs idsPath: String?) throws {
    let bytes = try Data(mapping: path)
    let archive = NumpyArray.recognizes(bytes) ? nil : try NumpyArchive(bytes, name: path)
    if archive == nil, key != nil {
      throw Failure.usage("\(path) holds a single array, so leave out --embeddings.")
    }
    let embeddings =
      try archive.map { try Self.array(named: key ?? "embeddings", in: $0, path: path) }
      ?? NumpyArray(bytes, name: path)
    let imageIDs: [String]
    if let idsPath {
      imageIDs = try Self.imageIDs(path: idsPath)
    } else if let ids = try archive?.array(named: idsKey ?? "image_ids") {
      imageIDs = try Self.strings(ids, path: path)
    } else {
      throw Failure.usage(
        "\(path) has no array \(idsKey ?? "image_ids"), so give the image ids, one for each row, with --image-ids FILE."
      )
    }
    try self.init(embeddings, imageIDs: imageIDs, path: path, idsPath: idsPath)
  }

  /// - Parameter idsPath: where the ids are, unless beside the embeddings.
  init(_ embeddings: NumpyArray, imageIDs: [String], path: String, idsPath: String? = nil) throws {
    guard case .numbers(let numbers) = embeddings else {
      throw Failure.badData(
        "\(path) has strings where the embeddings should be; name their array with --embeddings.")
    }
    matrix = try EmbeddingMatrix(numbers, name: path)
    self.imageIDs = imageIDs
    guard imageIDs.count == matrix.rowCount else {
      throw Failure.badData(
        "\(path) has \(counted(matrix.rowCount, "row")) of embeddings, but there are \(imageIDs.count) image "
          + "ids\(idsPath.map { " in \($0)" } ?? ""); give one for each row.")
    }
  }

  private static func array(named key: String, in archive: NumpyArchive, path: String) throws -> NumpyArray {
    guard let array = try archive.array(named: key) else {
      throw Failure.usage(
        "\(path) has no array \(key) but \(archive.names.joined(separator: ", ")); name the one with the "
          + "embeddings with --embeddings.")
    }
    return array
  }

  static func imageIDs(path: String) throws -> [String] {
    let bytes = try Data(mapping: path)
    if NumpyArray.recognizes(bytes) { return try strings(NumpyArray(bytes, name: path), path: path) }
    return try ImageList.names(in: path).map(\.name)
  }

  /// A list of strings, or of integers as strings.
  static func strings(_ array: NumpyArray, path: String) throws -> [String] {
    switch array {
    case .strings(let strings, let shape) where shape.count == 1: return strings
    case .numbers(let array) where array.shape.count == 1:
      if let numbers = array.wholeNumbers() { return numbers.map(String.init) }
      fallthrough
    default:
      throw Failure.badData(
        "\(path) has image ids of shape \(array.shape), or some that are not integers; save them as a list of strings "
          + "or integers.")
    }
  }
}
