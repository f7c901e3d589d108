import FileFormats
import Support

extension StoreSelection {
  /// Joins stores into one, whose images come in the order given. An image that several stores have in the
  /// same way is taken once.
  ///
  /// - Parameter keepsFirst: whether to take an image as the first store has it where others differ, instead
  ///   of throwing.
  /// - Throws: `Failure.badData` where stores disagree in encoder, normalisation, width or positions, or have
  ///   an image in common with another embedding, other captions or another split.
  public static func merging(_ stores: [EmbeddingStore], keepsFirst: Bool = false) throws -> (
    selection: StoreSelection, report: MergeReport
  ) {
    guard let first = stores.first, stores.count > 1 else {
      throw Failure.usage("There is one store, and to merge takes at least two; name another.")
    }
    try EmbeddingStore.requireAgreement(of: stores)
    var merged = try StoreSelection(of: first)
    var captions = merged.index.captionsByRow
    var places = Dictionary(uniqueKeysWithValues: zip(merged.imageIDs, merged.imageIDs.indices))
    var (joined, differing) = (0, 0)
    for store in stores.dropFirst() {
      let added = try StoreSelection(of: store)
      let addedCaptions = added.index.captionsByRow
      var newPlaces: [Int?] = []
      for (image, (row, id)) in zip(added.rows, added.imageIDs).enumerated() {
        guard let place = places[id] else {
          let place = merged.add(row, imageID: id, split: added.splits[image])
          places[id] = place
          newPlaces.append(place)
          captions.append(addedCaptions[image])
          continue
        }
        newPlaces.append(nil)
        let owner = merged.rows[place]
        let difference =
          try row.hasSameBits(as: owner)
          ? captions[place] == addedCaptions[image]
            ? merged.splits[place] == added.splits[image] ? nil : "different splits" : "different captions"
          : "different embeddings"
        guard let difference else {
          joined += 1
          continue
        }
        guard keepsFirst else {
          throw Failure.badData(
            "Image \(id) has \(difference) in \(owner.store.path) and in \(store.path); give the images "
              + "different ids, or pass --keep-first to take the first.")
        }
        differing += 1
      }
      for (text, row) in zip(added.captionTexts, added.captionRows) {
        if let place = newPlaces[row] { merged.add(text, of: place) }
      }
    }
    var sources: [String] = []
    for store in stores where !sources.contains(store.source) { sources.append(store.source) }
    merged.source = sources.joined(separator: ", ")
    let report = MergeReport(
      images: merged.imageIDs.count, captions: merged.captionTexts.count, splits: merged.splitCounts,
      joinedImages: joined, differingImages: differing)
    return (merged, report)
  }
}

extension StoreSelection.Row {
  /// Whether the embeddings are the same, those in half precision taken as single beside others in single.
  fileprivate func hasSameBits(as other: StoreSelection.Row) throws -> Bool {
    let element: ElementType =
      store.elementType == other.store.elementType ? store.elementType : .float32
    var isSame = false
    try store.withBytes(ofRow: index, as: element) { mine in
      try other.store.withBytes(ofRow: other.index, as: element) { isSame = mine.elementsEqual($0) }
    }
    return isSame
  }
}

/// What a merge made.
public struct MergeReport: Encodable, Sendable, CustomStringConvertible {
  public let images: Int
  public let captions: Int
  /// Images in each split.
  public let splits: [String: Int]
  /// Images that several stores have in the same way, taken once each time.
  public let joinedImages: Int
  /// Images taken as the first store has them though another differs.
  public let differingImages: Int

  /// A paragraph for people.
  public var description: String {
    let more = [
      (joinedImages, "in several stores, taken once."),
      (differingImages, "in several stores that differ, taken as the first has it."),
    ]
    let first =
      "\(counted(images, "image")) (\(splits.listed)) with \(counted(captions, "caption"))."
    return ([first] + more.filter { $0.0 > 0 }.map { "\(counted($0, "image")) \($1)" })
      .joined(separator: " ")
  }
}
