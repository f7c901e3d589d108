import CKernels
import Support

/// What an embedding store holds, in memory, before it is written.
///
/// One row of embeddings per image, and an index from captions to rows: an image has as many captions as name
/// its row. A store without captions is one whose images are only to be captioned.
public struct StoreContents: Sendable {
  /// Row-major, [rows, width] or [rows, positions, width].
  public enum Embeddings: Sendable {
    case float32([Float])
    /// IEEE 754 half precision as bit patterns.
    case float16([UInt16])
  }

  /// What made the embeddings, such as `ViT-B/32`, by its usual name (`EncoderName`).
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
    self.encoder = EncoderName.canonical(encoder)
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
  /// empty or occurs twice, a string that HDF5 cannot hold, a caption's row out of range, an embedding that
  /// is not finite.
  public func validate() throws {
    guard let fault = shapeFault ?? textFault ?? valueFault else { return }
    throw Failure.badData("The embeddings cannot be stored: \(fault).")
  }

  /// [rows, width] or [rows, positions, width].
  var shape: [Int] { [imageIDs.count] + (positions.map { [$0] } ?? []) + [width] }

  var index: EmbeddingStoreIndex {
    EmbeddingStoreIndex(
      imageIDs: imageIDs, splits: splits, captionTexts: captionTexts, captionRows: captionRows)
  }

  private var shapeFault: String? {
    guard width > 0, positions ?? 1 > 0 else {
      return "a width of \(width) and \(positions ?? 1) positions were given; both must be at least 1"
    }
    let (perRow, overflow) = width.multipliedReportingOverflow(by: positions ?? 1)
    guard !overflow, embeddings.count % perRow == 0 else {
      return
        "\(embeddings.count) values are not a multiple of a row of \(positions ?? 1) × \(width); check the "
        + "width and the positions"
    }
    return index.fault(rowCount: embeddings.count / perRow)
  }

  /// HDF5 ends a string at its first NUL, so one inside would cut the rest off silently.
  private var textFault: String? {
    for text in [[encoder, source], imageIDs, splits, captionTexts].joined() where text.utf8.contains(0) {
      return "\"\(text)\" holds a NUL character; remove it"
    }
    return nil
  }

  private var valueFault: String? {
    let first =
      switch embeddings {
      case .float32(let values): capstan_first_nonfinite_float(values, values.count)
      case .float16(let bits): capstan_first_nonfinite_half(bits, bits.count)
      }
    guard first < embeddings.count else { return nil }
    let row = first / (width * (positions ?? 1))
    return
      "the embedding of image \(imageIDs[row]) (row \(row)) holds NaN or infinity; embed that image again or "
      + "leave it out"
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
