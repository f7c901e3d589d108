/// Everything in an embedding store but the embeddings, in memory: which image a row is, and what is said of it.
public struct EmbeddingStoreIndex: Equatable, Sendable {
  /// One per row, unique.
  public internal(set) var imageIDs: [String]
  /// One per row.
  public internal(set) var splits: [String]
  public internal(set) var captionTexts: [String]
  /// The row that each caption describes.
  public internal(set) var captionRows: [Int]

  /// The captions of each row, in their order.
  public var captionsByRow: [[String]] {
    zip(captionRows, captionTexts).reduce(into: Array(repeating: [], count: imageIDs.count)) {
      $0[$1.0].append($1.1)
    }
  }

  /// What is wrong with it beside embeddings of `rowCount` rows, and what to do; nil when all is well.
  func fault(rowCount: Int) -> String? {
    typealias Faults = EmbeddingStoreFaults
    if let fault = Faults.ofCounts(
      rows: rowCount, imageIDs: imageIDs.count, splits: splits.count, captionTexts: captionTexts.count,
      captionRows: captionRows.count)
    {
      return fault
    }
    var seen = Set<String>(minimumCapacity: rowCount)
    for (row, id) in imageIDs.enumerated() {
      if let fault = Faults.ofRow(row, imageID: id, split: splits[row]) { return fault }
      guard seen.insert(id).inserted else { return Faults.repeated(id, row: row) }
    }
    return captionRows.indices.lazy.compactMap {
      Faults.ofCaption($0, row: captionRows[$0], rowCount: rowCount)
    }.first
  }
}
