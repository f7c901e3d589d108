import Support

/// What an import took and what it left out.
public struct ImportReport: Encodable, Sendable {
  public internal(set) var encoder = ""
  public internal(set) var width = 0
  public internal(set) var positions: Int?
  public internal(set) var elementType = ""
  public internal(set) var normalized = false
  /// Whether every vector had unit length when it came.
  public internal(set) var cameNormalized = false
  public internal(set) var images = 0
  public internal(set) var captions = 0
  /// Images in each split.
  public internal(set) var splits: [String: Int] = [:]

  /// Rows left out because they repeat their image's embedding.
  public internal(set) var repeatedRows = 0
  /// Rows left out though they differ from their image's embedding.
  public internal(set) var differingRows = 0
  /// Rows left out because they belong to no image.
  public internal(set) var unusedRows = 0
  /// Rows whose numbers are all the same.
  public internal(set) var constantRows = 0
  /// The most images that have the same embedding; none where all differ.
  public internal(set) var identicalImages: [String] = []
  /// Captions left out because nothing is in them.
  public internal(set) var emptyCaptions = 0
  /// Images in the file of captions that have no embedding.
  public internal(set) var imagesWithoutEmbedding = 0
  /// Images in the store that have no caption.
  public internal(set) var imagesWithoutCaption = 0
  /// Images left out because they have no caption.
  public internal(set) var droppedImages = 0

  /// In which columns images, captions and splits were found, in a sentence; empty where the file has no choice.
  public internal(set) var findings = ""
  /// A few captions beside their images, so that people see whether they belong together.
  public internal(set) var pairs: [CaptionPair] = []
  static let pairCount = 3
  /// What was taken otherwise than it was written, a sentence each.
  public internal(set) var warnings: [String] = []
}

extension ImportReport {
  mutating func describe(_ contents: StoreContents) {
    encoder = contents.encoder
    width = contents.width
    positions = contents.positions
    elementType = if case .float16 = contents.embeddings { "float16" } else { "float32" }
    normalized = contents.normalized
    images = contents.imageIDs.count
    captions = contents.captionTexts.count
    splits = contents.splits.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    imagesWithoutCaption = images - Set(contents.captionRows).count
  }

  mutating func describe(_ draft: ImportDraft, in contents: StoreContents) {
    repeatedRows = draft.images.repeatedRows
    differingRows = draft.images.differingRows
    unusedRows = draft.images.unusedRows
    emptyCaptions = draft.emptyCaptions
    identicalImages = draft.images.identicalImages
    droppedImages = draft.images.ids.count - contents.imageIDs.count
  }
}

extension ImportReport: CustomStringConvertible {
  /// A paragraph for people, and a line for each pair.
  public var description: String {
    let lines = pairs.map { "\n  \($0)" }.joined()
    return paragraph + (pairs.isEmpty ? "" : "\nLook whether these captions are of these images:" + lines)
  }

  private var paragraph: String {
    let shape = positions.map { "\($0) × \(width)" } ?? "\(width)"
    let sentences =
      [
        "\(counted(images, "image")) (\(splits.listed)) with \(counted(captions, "caption")).",
        findings,
        "The embeddings are \(encoder)'s, \(shape) wide, \(elementType), "
          + (cameNormalized
            ? "normalized already when they came." : normalized ? "normalized." : "not normalized."),
      ]
      + [
        (repeatedRows, "row", "left out: an image's embedding again."),
        (differingRows, "row", "left out: another embedding than the first of its image."),
        (unusedRows, "row", "left out: of no caption."),
        (constantRows, "embedding", "with one number over and over: look at what is on the image."),
        (
          identicalImages.count, "image",
          "with the same embedding (\(identicalImages.firstFew)): look whether it is the same image."
        ),
        (emptyCaptions, "caption", "left out: empty."),
        (imagesWithoutEmbedding, "image", "of the captions left out: without an embedding."),
        (imagesWithoutCaption, "image", "without a caption."),
        (droppedImages, "image", "left out: without a caption."),
      ].filter { $0.0 > 0 }.map { "\(counted($0, $1)) \($2)" }
    return sentences.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
