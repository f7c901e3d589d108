import Models
import Support
import Tensors

/// Batches of captions that nobody wrote: what a step costs depends on their lengths alone.
struct SyntheticCaptions {
  let batchSize: Int
  let lanes: Int
  let embeddingWidth: Int
  let vocabularySize: Int
  let seed: UInt64
  /// Tokens of each caption; nil: as many as COCO's have.
  var tokens: Int?

  /// The tokens of each caption of a step's global batch, those of COCO's normal with mean 12 and deviation 2.6, within
  /// 6 … 38.
  func lengths(step: Int) -> [Int] {
    if let tokens { return Array(repeating: tokens, count: batchSize) }
    var random = Philox(seed: seed, stream: "lengths", String(step))
    return (0..<batchSize).map { _ in min(38, max(6, Int((12 + 2.6 * random.normal()).rounded()))) }
  }

  /// The part of a step's global batch, with captions of these lengths, that stands in the given lanes.
  func batch(lengths: [Int], step: Int, lanes range: Range<Int>, on backend: Backend) -> CaptionBatch {
    let samples = batchSize.parts(range, of: lanes)
    let embeddings = backend.matrix(samples.count, embeddingWidth)
    let captions = samples.map { sample in
      var random = Philox(seed: seed, stream: "caption", String(step), String(sample))
      let row = embeddings.row(sample - samples.lowerBound)
      for column in 0..<embeddingWidth { row[column] = Float(random.normal()) }
      return (0..<lengths[sample]).map { _ in Int32.random(in: 1..<Int32(vocabularySize), using: &random) }
    }
    return CaptionBatch(
      embeddings: embeddings, captions: captions,
      laneSizes: range.map { batchSize.part($0, of: lanes).count },
      firstSample: samples.lowerBound)
  }
}
