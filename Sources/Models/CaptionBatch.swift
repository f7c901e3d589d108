import Autograd
import Tensors

/// Captions with their images' embeddings, packed: what one rank looks at in one pass.
public struct CaptionBatch {
  /// [captions, embedding width]; nil for a plain language model.
  public let embeddings: Matrix?
  /// The tokens that each caption should be predicted as, its end token included where there is one. None is empty.
  public let captions: [[Int32]]
  /// One for each token of each caption; nil counts all alike.
  public let weights: [[Float]]?
  /// Captions of every lane.
  public let laneSizes: [Int]
  /// The place of the first caption in the global batch.
  public let firstSample: Int
  /// The sum of the weights over the global batch.
  public let normalizer: Double

  public init(
    embeddings: Matrix?, captions: [[Int32]], weights: [[Float]]? = nil, laneSizes: [Int], firstSample: Int,
    normalizer: Double
  ) {
    self.embeddings = embeddings
    self.captions = captions
    self.weights = weights
    self.laneSizes = laneSizes
    self.firstSample = firstSample
    self.normalizer = normalizer
  }
}
