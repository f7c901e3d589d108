import CKernels
import Essentials

/// What an embedding store holds, in memory, before it is written.
///
/// One row of embeddings per image, and an index from captions to rows: an image has as many captions as name its
/// row. A store without captions is one whose images are only to be captioned.
public struct StoreContents: Sendable {
  /// Row-major, [rows, width] or [rows, positions, width].
  public enum Embeddings: Sendable {
    case float32([Float])
    /// IEEE 754 half precision as bit patterns.
    case float16([UInt16])
  }

  /// What made the embeddings, such as `ViT-B/32`.
  public var encoder: String
  /// Whether every row has unit length.
  public var normalized: Bool
  /// Where the content came from, for people.
  public var source: String
  public var width: Int
  /// Vectors per image; nil means one, and embeddings of two dimensions, [rows, width].
  public var positions: Int?
  public var embeddings: Embeddings
  /// One per row, unique.
  public var imageIDs: [String]
  /// `train`, `val`, `test` or another name, one per row.
  public var splits: [String]
  public var captionTexts: [String]
  /// The row of the embeddings that each caption describes.
  public var captionRows: [Int]

  public init(
    encoder: String, normalized: Bool, source: String, width: Int, positions: Int? = nil,
    embeddings: Embeddings, imageIDs: [String], splits: [String], captionTexts: [String],
    captionRows: [Int]
  ) {
    self.encoder = encoder
    self.normalized = normalized
    self.source = source
    self.width = width
    self.positions = positions
    self.embeddings = embeddings
    self.imageIDs = imageIDs
    self.splits = splits
    self.captionTexts = captionTexts
    self.captionRows = captionRows
  }

  /// Throws `Failure.badData` that names the first fault: no rows, counts that disagree, an image id that is
  /// empty or occurs twice, a string that HDF5 cannot hold, a caption's row out of range, an embedding that is
  /// not finite.
  public func validate() throws {
    try validateCounts()
    try validateStrings()
    if let caption = captionRows.firstIndex(where: { !imageIDs.indices.contains($0) }) {
      throw Failure.badData(
        "Caption \(caption) describes row \(captionRows[caption]), but rows go from 0 to \(imageIDs.count - 1); "
          + "make every caption's row the row of its image.")
    }
    if let row = firstNonFiniteRow {
      throw Failure.badData(
        "The embedding of image \(imageIDs[row]) (row \(row)) holds NaN or infinity; embed that image again or "
          + "leave it out.")
    }
  }

  private func validateCounts() throws {
    let rows = imageIDs.count
    guard rows > 0 else {
      throw Failure.badData("There are no images to store; give at least one image id with its embedding.")
    }
    guard width > 0, positions.map({ $0 > 0 }) ?? true else {
      throw Failure.badData(
        "Embeddings of width \(width) and \(positions ?? 1) positions cannot be stored; both must be at least 1."
      )
    }
    let (perRow, wide) = width.multipliedReportingOverflow(by: positions ?? 1)
    let (expected, tall) = perRow.multipliedReportingOverflow(by: rows)
    guard !wide, !tall, embeddings.count == expected else {
      throw Failure.badData(
        "There are \(embeddings.count) embedding values for \(rows) image ids, but \(rows) rows of "
          + "\(positions ?? 1) × \(width) values were expected; give each image one row.")
    }
    guard splits.count == rows else {
      throw Failure.badData(
        "There are \(splits.count) split names for \(rows) image ids; give each image one split.")
    }
    guard captionTexts.count == captionRows.count else {
      throw Failure.badData(
        "There are \(captionTexts.count) captions but \(captionRows.count) caption rows; give each caption one."
      )
    }
  }

  private func validateStrings() throws {
    var seen = Set<String>(minimumCapacity: imageIDs.count)
    for (row, id) in imageIDs.enumerated() {
      guard !id.isEmpty, !splits[row].isEmpty else {
        throw Failure.badData(
          "Row \(row) has image id \"\(id)\" and split \"\(splits[row])\"; neither may be empty.")
      }
      guard seen.insert(id).inserted else {
        throw Failure.badData(
          "Image id \(id) occurs twice, the second time at row \(row); store one row per image and let its "
            + "captions share it.")
      }
    }
    // HDF5 ends a string at its first NUL, so one inside would cut the rest off silently.
    let strings: [(String, [String])] = [
      ("attribute", [encoder, source]), ("image id", imageIDs), ("split", splits), ("caption", captionTexts),
    ]
    for (kind, values) in strings {
      if let index = values.firstIndex(where: { $0.utf8.contains(0) }) {
        throw Failure.badData("The \(kind) at index \(index) holds a NUL character; remove it.")
      }
    }
  }

  private var firstNonFiniteRow: Int? {
    let first =
      switch embeddings {
      case .float32(let values): capstan_first_nonfinite_float(values, values.count)
      case .float16(let bits): capstan_first_nonfinite_half(bits, bits.count)
      }
    return first == embeddings.count ? nil : first / (width * (positions ?? 1))
  }
}

extension StoreContents.Embeddings {
  /// Numbers in all rows together.
  public var count: Int {
    switch self {
    case .float32(let values): values.count
    case .float16(let bits): bits.count
    }
  }
}
