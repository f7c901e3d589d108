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
  /// The most images that have the same embedding; 1 where all differ.
  public internal(set) var identicalImages = 1
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
    let perSplit = splits.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
    let sentences =
      [
        "\(images) images (\(perSplit.joined(separator: ", "))) with \(captions) captions.",
        findings,
        "The embeddings are \(encoder)'s, \(shape) wide, \(elementType), "
          + (cameNormalized
            ? "normalized already when they came." : normalized ? "normalized." : "not normalized."),
      ]
      + [
        (repeatedRows, "rows were left out because they repeat an image's embedding."),
        (differingRows, "rows were left out although they differ from their image's first."),
        (unusedRows, "rows were left out because no caption refers to them."),
        (constantRows, "embeddings are one number over and over: look at what their images are."),
        (
          identicalImages > 1 ? identicalImages : 0,
          "images have the same embedding: look whether they are the same image."
        ),
        (emptyCaptions, "captions were left out because nothing is in them."),
        (imagesWithoutEmbedding, "images of the captions have no embedding and were left out."),
        (imagesWithoutCaption, "images have no caption."),
        (droppedImages, "images were left out because they have no caption."),
      ].filter { $0.0 > 0 }.map { "\($0) \($1)" }
    return sentences.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
