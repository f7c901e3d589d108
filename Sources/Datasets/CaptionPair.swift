import Support

/// A caption beside the image that it is told to describe, for people to look at.
public struct CaptionPair: Encodable, Equatable, Sendable, CustomStringConvertible {
  public let imageID: String
  /// Where the two were found together.
  public let place: String
  public let caption: String

  /// On one line.
  public var description: String { "\(imageID) (\(place)): \(caption)".printableLine(longest: 200) }
}

extension EmbeddingStoreIndex {
  /// So many pairs, or fewer where there are fewer: the first, the last and others evenly between. The same index gives
  /// the same pairs.
  func pairs(_ count: Int, place: (_ imageID: String, _ row: Int) -> String = { "row \($1)" })
    -> [CaptionPair]
  {
    let last = captionTexts.count - 1
    let count = min(count, captionTexts.count)
    return (0..<count).map { number in
      let caption = count > 1 ? Int((Double(number) * Double(last) / Double(count - 1)).rounded()) : 0
      let row = captionRows[caption]
      return CaptionPair(
        imageID: imageIDs[row], place: place(imageIDs[row], row), caption: captionTexts[caption])
    }
  }
}
