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

  /// Throws `Failure.badData` when the file is something else, or a caption's row is out of range.
  init(path: String) throws {
    let value = try TorchFile.read(path)
    guard let tensor = value["clip_embedding"]?.tensor, let entries = value["captions"]?.elements else {
      throw Failure.badData(
        "\(path) is not ClipCap's: a dictionary with a tensor clip_embedding and a list captions was "
          + "expected."
      )
    }
    let matrix = try EmbeddingMatrix(tensor.array, name: "clip_embedding of \(path)")
    self.matrix = matrix
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
      let id = entry["image_id"]
      return Caption(imageID: id?.string ?? "\(id?.integer ?? row)", text: text, row: row)
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
