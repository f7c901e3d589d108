import Captioning
import Collectives
import Foundation
import Models
import Tensors

/// Cuts global batches into lanes and builds the part of a batch that this rank hosts.
public struct BatchBuilder {
  public let corpus: CaptionCorpus
  public let lanes: Int
  /// The lanes that this rank hosts.
  public let hosted: Range<Int>
  private let hasImages: Bool
  private let normalizesEmbeddings: Bool
  private let ignoresTokenZero: Bool
  private let backend: Backend

  public init(
    _ corpus: CaptionCorpus, _ configuration: Configuration, communicator: Communicator, on backend: Backend
  ) {
    self.corpus = corpus
    lanes = configuration.train.lanes
    hosted = communicator.share(of: lanes)
    hasImages = configuration.model.mapper.kind != .none
    normalizesEmbeddings = configuration.model.normalizeEmbeddings
    ignoresTokenZero = configuration.train.ignoreTokenZero
    self.backend = backend
  }

  /// The part of the global batch `samples` that stands in the given lanes.
  public func batch(of samples: [Int], lanes range: Range<Int>) -> CaptionBatch {
    let starts = laneStarts(samples.count)
    let mine = samples[starts[range.lowerBound]..<starts[range.upperBound]]
    let captions = mine.map { Array(corpus.tokens(of: $0)) }
    return CaptionBatch(
      embeddings: hasImages ? embeddings(of: mine) : nil, captions: captions,
      weights: ignoresTokenZero ? captions.map { $0.map { $0 == 0 ? 0 : 1 } } : nil,
      laneSizes: range.map { starts[$0 + 1] - starts[$0] }, firstSample: starts[range.lowerBound],
      normalizer: Double(max(1, countedTokens(of: samples))))
  }

  /// The part of the global batch `samples` that stands in one lane.
  func samples(ofLane lane: Int, of samples: [Int]) -> ArraySlice<Int> {
    let starts = laneStarts(samples.count)
    return samples[starts[lane]..<starts[lane + 1]]
  }

  private func laneStarts(_ count: Int) -> [Int] { (0...lanes).map { $0 * count / lanes } }

  /// Target tokens of a global batch: every rank knows them all, so no rank has to ask.
  public func countedTokens(of samples: [Int]) -> Int {
    samples.reduce(0) { total, sample in
      let tokens = corpus.tokens(of: sample)
      return total + (ignoresTokenZero ? tokens.count { $0 != 0 } : tokens.count)
    }
  }

  private func embeddings(of samples: ArraySlice<Int>) -> Matrix {
    let matrix = backend.matrix(samples.count, corpus.embeddingWidth)
    for (row, sample) in samples.enumerated() {
      corpus.copyEmbedding(of: sample, to: matrix.row(row))
    }
    if normalizesEmbeddings { matrix.normalizeRows(on: backend) }
    return matrix
  }
}
