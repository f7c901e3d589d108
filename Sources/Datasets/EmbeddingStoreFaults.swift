/// What can be wrong with the index of an embedding store, each in words that say what to do.
enum EmbeddingStoreFaults {
  /// nil where the numbers of things that belong together are the same.
  static func ofCounts(
    rows: Int, imageIDs: Int, splits: Int, captionTexts: Int, captionRows: Int
  ) -> String? {
    guard rows > 0 else { return "there are no rows; give at least one image" }
    guard imageIDs == rows else {
      return "there are \(imageIDs) image ids for \(rows) rows of embeddings; give each row one"
    }
    guard splits == rows else {
      return "there are \(splits) splits for \(rows) rows of embeddings; give each row one"
    }
    guard captionRows == captionTexts else {
      return "there are \(captionRows) caption rows for \(captionTexts) captions; give each one"
    }
    return nil
  }

  /// nil where a row has an id and a split.
  static func ofRow(_ row: Int, imageID: String, split: String) -> String? {
    guard imageID.isEmpty || split.isEmpty else { return nil }
    return "row \(row) has image id \"\(imageID)\" and split \"\(split)\"; give it both"
  }

  static func repeated(_ imageID: String, row: Int) -> String {
    "image id \(imageID) occurs again in row \(row); keep one row per image, which its captions share"
  }

  /// nil where a caption describes a row that there is.
  static func ofCaption(_ caption: Int, row: Int, rowCount: Int) -> String? {
    guard !(0..<rowCount).contains(row) else { return nil }
    return
      "caption \(caption) describes row \(row), but rows go from 0 to \(rowCount - 1); "
      + "give it the row of its image"
  }
}
