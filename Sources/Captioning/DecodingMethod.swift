import Models

/// How captions are made of a model's predictions.
public protocol DecodingMethod: Sendable {
  /// The tokens of each image's caption, a token that ended it included.
  ///
  /// - Parameters:
  ///   - batch: as it begins, with one sequence for each image.
  ///   - imageIDs: one for each image, for what is to be the same for an image wherever it stands.
  func captions(of imageIDs: [String], _ batch: DecodingBatch, until end: StopCondition) -> [[Int32]]
}

extension DecodingBatch {
  /// Captions that grow by one token at a time, which `choose` finds for each sequence by its image and its place in the
  /// caption.
  func captions(
    until end: StopCondition,
    choose: (_ images: [Int], _ position: Int) -> [Int32]
  ) -> [[Int32]] {
    var captions = [[Int32]](repeating: [], count: sequences)
    var images = Array(captions.indices)
    for position in 0... {
      let tokens = choose(images, position)
      for (image, token) in zip(images, tokens) { captions[image].append(token) }
      let unfinished = images.indices.filter { !end.isReached(by: captions[images[$0]]) }
      if unfinished.isEmpty { break }
      advance(unfinished.map { Continuation(parent: $0, token: tokens[$0]) })
      images = unfinished.map { images[$0] }
    }
    return captions
  }
}
