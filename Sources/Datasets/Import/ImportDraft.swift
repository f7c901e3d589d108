/// What an import has gathered from its files, on the way to a store's contents.
struct ImportDraft {
  let matrix: EmbeddingMatrix
  var images: ImageIndex
  /// The split of each image, as far as the files say.
  private var splits: [Int: String] = [:]
  private var captions: [(text: String, image: Int)] = []
  private(set) var emptyCaptions = 0

  /// `name` is the file's, for messages.
  init(_ matrix: EmbeddingMatrix, name: String, keepsFirst: Bool) {
    self.matrix = matrix
    images = ImageIndex(of: matrix, name: name, keepsFirst: keepsFirst)
  }

  /// Adds a caption without the white space around it, unless nothing is left.
  mutating func add(_ caption: String, of image: Int) {
    let text = caption.trimmed
    if text.isEmpty { emptyCaptions += 1 } else { captions.append((text, image)) }
  }

  mutating func set(split: String?, of image: Int) { splits[image] = split }

  func contents(encoder: String, source: String, split: String?, dropsUncaptioned: Bool) -> StoreContents {
    let captioned = Set(captions.map(\.image))
    let kept = images.ids.indices.filter { !dropsUncaptioned || captioned.contains($0) }
    let rows = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    return StoreContents(
      encoder: encoder, normalized: false, source: source, width: matrix.width, positions: matrix.positions,
      embeddings: matrix.embeddings(ofRows: kept.map { images.rows[$0] }),
      imageIDs: kept.map { images.ids[$0] },
      splits: kept.map { splits[$0] ?? split ?? (captioned.contains($0) ? "train" : "uncaptioned") },
      captionTexts: captions.map(\.text), captionRows: captions.compactMap { rows[$0.image] })
  }
}
