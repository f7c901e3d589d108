import FileFormats
import Foundation
import Support

/// Images of open stores with their captions, on the way to a file of their own: what `capstan data` exports,
/// splits and merges.
///
/// The embeddings stay in the stores, and are read when they are written, row by row.
public struct StoreSelection: Sendable {
  struct Row {
    let store: EmbeddingStore
    let index: Int
  }

  public let encoder: String
  public let normalized: Bool
  public let width: Int
  public let positions: Int?
  public internal(set) var source: String
  private(set) var rows: [Row]
  private(set) var index: EmbeddingStoreIndex

  /// All of a store.
  ///
  /// Throws `Failure.badData` where an embedding is not finite.
  public init(of store: EmbeddingStore) throws {
    try store.requireFinite()
    (encoder, normalized, source) = (store.encoder, store.normalized, store.source)
    (width, positions) = (store.width, store.positions)
    rows = (0..<store.rowCount).map { Row(store: store, index: $0) }
    index = try store.index()
  }

  public var imageIDs: [String] { index.imageIDs }
  /// One per image. The number of them stays.
  public internal(set) var splits: [String] {
    get { index.splits }
    set { index.splits = newValue }
  }
  public var captionTexts: [String] { index.captionTexts }
  /// The image that each caption describes.
  public var captionRows: [Int] { index.captionRows }

  /// Half precision where all embeddings are in half precision.
  var element: ElementType {
    rows.allSatisfy { $0.store.elementType == .float16 } ? .float16 : .float32
  }

  /// Images in each split, by name.
  public var splitCounts: [String: Int] { splits.reduce(into: [:]) { $0[$1, default: 0] += 1 } }

  /// For each image, whether it has a caption.
  var isCaptioned: [Bool] {
    captionRows.reduce(into: Array(repeating: false, count: rows.count)) { $0[$1] = true }
  }

  /// Only the images that `isKept`, one for each, with their captions, in the same order.
  func keeping(_ isKept: [Bool]) -> StoreSelection {
    let kept = rows.indices.filter { isKept[$0] }
    var places: [Int?] = Array(repeating: nil, count: rows.count)
    for (place, image) in kept.enumerated() { places[image] = place }
    let captions = captionRows.indices.filter { isKept[captionRows[$0]] }
    var selection = self
    selection.rows = kept.map { rows[$0] }
    selection.index = EmbeddingStoreIndex(
      imageIDs: kept.map { imageIDs[$0] }, splits: kept.map { splits[$0] },
      captionTexts: captions.map { captionTexts[$0] },
      captionRows: captions.compactMap { places[captionRows[$0]] })
    return selection
  }

  /// Adds an image of another store, and returns its place.
  mutating func add(_ row: Row, imageID: String, split: String) -> Int {
    rows.append(row)
    index.imageIDs.append(imageID)
    index.splits.append(split)
    return rows.count - 1
  }

  mutating func add(_ caption: String, of image: Int) {
    index.captionTexts.append(caption)
    index.captionRows.append(image)
  }

  /// The embeddings, [images, width] or [images, positions, width], under a name; each piece is a row.
  func embeddings(named name: String) -> ArrayEntry {
    let shape = [rows.count] + (positions.map { [$0] } ?? []) + [width]
    let element = element
    return ArrayEntry(name: name, shape: shape, element: element) { [rows] sink in
      for row in rows { try row.store.withBytes(ofRow: row.index, as: element, sink) }
    }
  }

  /// Writes an embedding store that is complete or absent.
  ///
  /// Throws `Failure.runtime` where the file cannot be written.
  public func write(to path: String) throws {
    try EmbeddingStoreDraft(
      encoder: encoder, normalized: normalized, source: source, index: index,
      embeddings: embeddings(named: EmbeddingStoreSchema.Dataset.embeddings)
    ).write(to: path)
  }
}
