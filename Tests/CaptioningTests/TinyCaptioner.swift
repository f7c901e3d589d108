import Autograd
import Foundation
import Models
import Tensors

@testable import Captioning

/// A captioner with random weights, large enough that no two hypotheses are nearly alike, and the same predictions
/// without a cache.
struct TinyCaptioner {
  static let embeddingWidth = 6
  let backend: Backend
  let model: ClipCap
  let vocabulary: Int
  /// The table of positions.
  let positions: Parameter
  /// Keeps the weights.
  private let arena: ParameterArena

  init(vocabulary: Int = 11, seed: UInt64 = 1, transformer: Bool = false, threads: Int = 2) throws {
    backend = try Backend(threads: threads)
    self.vocabulary = vocabulary
    let size = GPT2Configuration(vocabularySize: vocabulary, positions: 16, width: 16, layers: 2, heads: 2)
    let mapper: any MappingNetwork =
      transformer
      ? TransformerMapper(
        embeddingWidth: Self.embeddingWidth, prefixLength: 3, clipLength: 2, layers: 2, heads: 2, width: 16)
      : MLPMapper(embeddingWidth: Self.embeddingWidth, prefixLength: 3, width: 16)
    let languageModel = GPT2(size, name: "gpt.transformer.", dropout: 0.1)
    positions = languageModel.positions
    model = ClipCap(mapper: mapper, languageModel: languageModel, startToken: 0)
    arena = ParameterArena(model.parameters, isTrainable: { _ in false }, on: backend)
    for parameter in model.parameters {
      var random = Philox(seed: seed, stream: "weights", parameter.name)
      let isNorm = parameter.name.contains("ln_") || parameter.name.contains("norm")
      let center: Float = isNorm && parameter.name.hasSuffix("weight") ? 1 : 0
      // Strong positions keep the tied head from repeating one token.
      let deviation: Float = parameter === positions ? 1 : 0.3
      for i in 0..<parameter.count {
        parameter.value.pointer[i] = center + deviation * Float(random.normal())
      }
    }
  }

  func embeddings(_ images: Range<Int>) -> Matrix {
    let matrix = backend.matrix(images.count, Self.embeddingWidth)
    for (row, image) in images.enumerated() {
      var random = Philox(seed: 9, stream: "image", "\(image)")
      for i in 0..<matrix.columns { matrix.row(row)[i] = Float(random.normal()) }
    }
    return matrix
  }

  func batch(_ images: Range<Int>) -> DecodingBatch {
    DecodingBatch(model, embeddings: embeddings(images), on: backend)
  }

  /// The logits of the token behind a caption, by a whole forward pass.
  func logits(image: Int, after caption: [Int32]) -> [Float] {
    let batch = CaptionBatch(
      embeddings: embeddings(image..<image + 1), captions: [caption + [0]], laneSizes: [1], firstSample: 0)
    return Array(model.logits(batch, on: Tape(on: backend, recording: false)).elements.suffix(vocabulary))
  }

  func logProbabilities(image: Int, after caption: [Int32]) -> [Double] {
    let values = logits(image: image, after: caption).map(Double.init)
    let logSum = log(values.reduce(0) { $0 + exp($1) })
    return values.map { $0 - logSum }
  }
}
