import Foundation
import Support

/// Finds one row for each image among the rows of a matrix, where a file may repeat an image's embedding, as
/// ClipCap's pickles do for every caption.
struct ImageIndex {
  private let matrix: EmbeddingMatrix
  private let name: String
  /// Of rows that differ for the same image, keep the first instead of throwing.
  private let keepsFirst: Bool

  private(set) var ids: [String] = []
  /// The row of the matrix that each image has.
  private(set) var rows: [Int] = []
  private var images: [String: Int] = [:]
  /// The image that each row of the matrix belongs to.
  private var owners: [Int?]
  /// Rows left out because they equal their image's first.
  private(set) var repeatedRows = 0
  /// Rows left out though they differ from their image's first.
  private(set) var differingRows = 0

  /// `name` is the file's, for messages.
  init(of matrix: EmbeddingMatrix, name: String, keepsFirst: Bool) {
    self.matrix = matrix
    self.name = name
    self.keepsFirst = keepsFirst
    owners = Array(repeating: nil, count: matrix.rowCount)
  }

  /// Rows that belong to no image.
  var unusedRows: Int { owners.count { $0 == nil } }

  /// Takes down that `row` is an embedding of the image `id`, and returns the image's index.
  ///
  /// Throws `Failure.badData` when the row belongs to another image, or differs from the image's first.
  mutating func add(_ id: String, row: Int) throws -> Int {
    let image = images[id] ?? ids.count
    if let owner = owners[row] {
      guard owner == image else {
        throw Failure.badData(
          "\(name) gives row \(row) to image \(ids[owner]) and to image \(id), so its captions are out of "
            + "step with its embeddings, as those of ClipCap's parse_conceptual.py are; make it again.")
      }
      return image
    }
    owners[row] = image
    if image == ids.count {
      images[id] = image
      ids.append(id)
      rows.append(row)
    } else if matrix.areEqual(row, rows[image]) {
      repeatedRows += 1
    } else {
      guard keepsFirst else {
        throw Failure.badData(
          "\(name) has different embeddings for image \(id) in rows \(rows[image]) and \(row), and a store "
            + "has one for each image; pass --keep-first to take the first, or give the images different "
            + "ids.")
      }
      differingRows += 1
    }
    return image
  }

  /// The most images that have the same embedding; none where all differ.
  var identicalImages: [String] {
    var counts: [Data: Int] = [:]
    for row in rows { counts[matrix.bytes(ofRow: row), default: 0] += 1 }
    guard let most = counts.values.max(), most > 1,
      let first = rows.first(where: { counts[matrix.bytes(ofRow: $0)] == most })
    else { return [] }
    return zip(ids, rows).filter { matrix.areEqual($0.1, first) }.map(\.0)
  }

  /// Throws `Failure.badData` when all images have the same embedding, or most of them.
  func requireVariety() throws {
    let identical = identicalImages.count
    guard rows.count > 1, identical > max(1, rows.count / 2) else { return }
    throw Failure.badData(
      "\(name) has the same embedding for \(identical == rows.count ? "all" : "\(identical)") of its "
        + "\(rows.count) images, from which nothing can be learned; make it again, and look at the images that "
        + "its encoder gets.")
  }
}
