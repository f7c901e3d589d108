/// Everything in an embedding store but the embeddings: which image a row is, and what is said of it.
struct EmbeddingStoreIndex {
  var imageIDs: [String]
  var splits: [String]
  var captionTexts: [String]
  var captionRows: [Int]

  /// What is wrong with it beside embeddings of `rowCount` rows, and what to do; nil when all is well.
  func fault(rowCount: Int) -> String? {
    guard rowCount > 0 else { return "there are no rows; give at least one image" }
    guard imageIDs.count == rowCount else {
      return "there are \(imageIDs.count) image ids for \(rowCount) rows of embeddings; give each row one"
    }
    guard splits.count == rowCount else {
      return "there are \(splits.count) splits for \(rowCount) rows of embeddings; give each row one"
    }
    guard captionRows.count == captionTexts.count else {
      return
        "there are \(captionRows.count) caption rows for \(captionTexts.count) captions; give each one"
    }
    var seen = Set<String>(minimumCapacity: rowCount)
    for (row, id) in imageIDs.enumerated() {
      guard !id.isEmpty, !splits[row].isEmpty else {
        return "row \(row) has image id \"\(id)\" and split \"\(splits[row])\"; give it both"
      }
      guard seen.insert(id).inserted else {
        return "image id \(id) occurs again in row \(row); keep one row per image, which its captions share"
      }
    }
    if let caption = captionRows.firstIndex(where: { !imageIDs.indices.contains($0) }) {
      return
        "caption \(caption) describes row \(captionRows[caption]), but rows go from 0 to \(rowCount - 1); "
        + "give it the row of its image"
    }
    return nil
  }
}
