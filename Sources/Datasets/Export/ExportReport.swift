import Support

/// What an export took along, and what it could not.
public struct ExportReport: Encodable, Sendable {
  public let format: String
  public let encoder: String
  public let width: Int
  public let positions: Int?
  public let elementType: String
  /// Whether every vector has unit length, which none of the formats can say.
  public let normalized: Bool
  public let images: Int
  public let captions: Int
  /// Images in each split.
  public let splits: [String: Int]
  /// Images left out because the format knows an image only by its captions.
  public let omittedImages: Int

  init(of selection: StoreSelection, as format: ExportFormat, omittedImages: Int) {
    self.format = format.rawValue
    self.omittedImages = omittedImages
    encoder = selection.encoder
    width = selection.width
    positions = selection.positions
    elementType = selection.element.rawValue
    normalized = selection.normalized
    images = selection.imageIDs.count
    captions = selection.captionTexts.count
    splits = selection.splitCounts
  }
}

extension ExportReport: CustomStringConvertible {
  /// A paragraph for people.
  public var description: String {
    let hasEmbeddings = [ExportFormat.clipCap, .npz].map(\.rawValue).contains(format)
    let hasCaptions = format != ExportFormat.npz.rawValue
    let shape = positions.map { "\($0) × \(width)" } ?? "\(width)"
    let all: [(Bool, String)] = [
      (
        true,
        "\(counted(images, "image")) (\(splits.listed))\(hasCaptions ? " with \(counted(captions, "caption"))" : "")."
      ),
      (
        hasEmbeddings,
        "The embeddings are \(encoder)'s, \(shape) wide, \(elementType), "
          + (normalized ? "NORMALIZED to unit length" : "not normalized")
          + ", which the file cannot say: pass it on."
      ),
      (
        splits.count > 1 && format != ExportFormat.karpathy.rawValue,
        "The file does not tell its \(splits.count) splits apart; write one file of each with --split."
      ),
      (omittedImages > 0, "\(counted(omittedImages, "image")) left out: without a caption."),
    ]
    return all.filter(\.0).map(\.1).joined(separator: " ")
  }
}

extension [String: Int] {
  /// Splits and how many images each has, the largest first: “train 6000, val 1000”.
  var listed: String {
    sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}
