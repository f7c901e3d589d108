import Essentials
import Foundation
import Storage

/// What ClipCap's `parse_coco.py` and `parse_conceptual.py` write: `{"clip_embedding": Tensor[N, D],
/// "captions": [{"image_id", "caption", "clip_embedding": row}]}`. `parse_coco.py` repeats an image's row for
/// each of its captions.
struct ClipCapPickle {
  struct Caption {
    let imageID: String
    let text: String
    /// Row of the embeddings.
    let row: Int
  }

  let matrix: EmbeddingMatrix
  let captions: [Caption]
  /// What names the images, for people.
  let findings: String

  /// - Parameter imageColumn: the key that names images; nil means what `ImageColumn` knows.
  /// - Throws: `Failure.badData` when the file is something else, or a caption's row is out of range, and
  ///   `Failure.usage` where there is no such key.
  init(path: String, imageColumn: String?) throws {
    let value = try TorchFile.read(path)
    guard let tensor = value["clip_embedding"]?.tensor, let entries = value["captions"]?.elements else {
      throw Failure.badData(
        "\(path) is not ClipCap's: a dictionary with a tensor clip_embedding and a list captions was "
          + "expected."
      )
    }
    let matrix = try EmbeddingMatrix(tensor.array, name: "clip_embedding of \(path)")
    self.matrix = matrix
    var options = CaptionOptions()
    options.imageColumn = imageColumn
    // ClipCap's own key comes first, whatever else is there.
    let keys = entries.first?.keys ?? []
    let column =
      try keys.contains("image_id") && imageColumn == nil
      ? "image_id"
      : CaptionColumns.images(among: keys, options: options, path: path).first { $0.meaning != .count }?.name
    findings =
      column.map { "Images are named by \($0)." }
      ?? "Nothing names the images, so the rows' numbers are their ids."
    captions = try entries.enumerated().map { index, entry in
      guard let text = entry["caption"]?.string, let row = entry["clip_embedding"]?.integer else {
        throw Failure.badData(
          "\(path) has caption \(index) without \"caption\" or \"clip_embedding\", so it is not ClipCap's; "
            + "make it again."
        )
      }
      guard (0..<matrix.rowCount).contains(row) else {
        throw Failure.badData(
          "\(path) has caption \(index) for row \(row) of the embeddings, of which there are "
            + "\(matrix.rowCount), so captions and embeddings do not belong together; make it again.")
      }
      guard let column else { return Caption(imageID: "\(row)", text: text, row: row) }
      guard let id = entry[column]?.imageName else {
        throw Failure.badData(
          "\(path) has caption \(index) whose \(column) is \(entry[column]?.kind ?? "missing"), but images are named by "
            + "strings or whole numbers; write these, or choose another key with --image-column.")
      }
      return Caption(imageID: id, text: text, row: row)
    }
    try requireOneNumbering(path)
  }

  /// `parse_conceptual.py` goes on with the same lists for its second split, and numbers that split's captions
  /// from 0 again: each has the row of another image.
  ///
  /// Throws `Failure.badData` where the captions, as many as rows, are numbered 0, 1, 2, … twice in a row.
  private func requireOneNumbering(_ path: String) throws {
    let rows = captions.map(\.row)
    guard rows.count == matrix.rowCount, let restart = rows.dropFirst().firstIndex(of: 0),
      rows.elementsEqual(Array(0..<restart) + Array(0..<rows.count - restart))
    else { return }
    throw Failure.badData(
      "\(path) numbers the rows of its captions from 0 again at caption \(restart), as ClipCap's "
        + "parse_conceptual.py does where its training split begins, so that these captions have the embeddings of "
        + "other images; add \(restart) to the clip_embedding of each caption from there on.")
  }
}

extension PickleValue {
  /// A string, a whole number, or a tensor of one: what names an image. Nil for anything else.
  var imageName: String? {
    switch self {
    case .string(let name): name.trimmed.isEmpty ? nil : name.trimmed
    case .integer(let number): "\(number)"
    case .float(let number): Int(exactly: number).map { "\($0)" }
    case .tensor(let tensor) where tensor.array.count == 1: tensor.array.wholeNumbers()?.first.map { "\($0)" }
    default: nil
    }
  }

  /// The strings that a dictionary has values under.
  fileprivate var keys: [String] {
    if case .dictionary(let pairs) = self { pairs.compactMap(\.key.string) } else { [] }
  }

  /// What it is, for messages.
  fileprivate var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a boolean"
    case .integer, .bigInteger: "an integer of more than 64 bits"
    case .float(let number): "\(number)"
    case .string: "an empty string"
    case .bytes: "bytes"
    case .list, .tuple: "a list"
    case .dictionary: "a dictionary"
    case .global, .storage: "no value"
    case .opaque(let name): "an object of \(name)"
    case .tensor(let tensor): "a tensor of shape \(tensor.shape)"
    }
  }
}
