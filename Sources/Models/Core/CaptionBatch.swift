import Autograd
import Tensors

/// Captions with their images' embeddings, packed: what one rank looks at in one pass.
public struct CaptionBatch {
  /// [captions, embedding width]; nil for a plain language model.
  public let embeddings: Matrix?
  /// The tokens that each caption should be predicted as, its end token included where there is one. None is empty.
  public let captions: [[Int32]]
  /// For each token of each caption, what its loss is multiplied by, of either sign; zero for a token that is no target.
  /// nil: one for all.
  public let weights: [[Float]]?
  /// Captions of every lane.
  public let laneSizes: [Int]
  /// The place of the first caption in the global batch.
  public let firstSample: Int

  public init(
    embeddings: Matrix?, captions: [[Int32]], weights: [[Float]]? = nil, laneSizes: [Int], firstSample: Int
  ) {
    self.embeddings = embeddings
    self.captions = captions
    self.weights = weights
    self.laneSizes = laneSizes
    self.firstSample = firstSample
  }

  /// One row for each caption's image.
  var images: Packing {
    Packing(lengths: captions.map { _ in 1 }, laneSizes: laneSizes, firstSample: firstSample)
  }

  /// Target tokens: those whose weight is not zero.
  public var countedTokens: Int {
    weights.map { $0.joined().count { $0 != 0 } } ?? captions.reduce(0) { $0 + $1.count }
  }
}
