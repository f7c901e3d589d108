import Captioning
import Collectives
import Configuration
import Foundation
import Models
import Support
import Tensors

/// Cuts global batches into lanes and builds the part of a batch that this rank hosts.
public struct BatchBuilder {
  public let corpus: CaptionCorpus
  public let lanes: Int
  /// The lanes that this rank hosts.
  public let localLanes: Range<Int>
  private let hasImages: Bool
  private let normalizesEmbeddings: Bool
  private let ignoresTokenZero: Bool
  private let communicator: Communicator
  private let backend: Backend

  public init(
    _ corpus: CaptionCorpus, _ configuration: Configuration, communicator: Communicator, on backend: Backend
  ) {
    self.corpus = corpus
    lanes = configuration.train.lanes
    localLanes = communicator.localRange(of: lanes)
    hasImages = configuration.model.section.seesImages
    normalizesEmbeddings = configuration.model.normalizeEmbeddings
    ignoresTokenZero = configuration.train.ignoreTokenZero
    self.communicator = communicator
    self.backend = backend
  }

  /// This rank's lanes of the global batch `samples`, in microbatches of as many lanes each, for `joined(_:)`.
  /// - Throws: `Failure` when a caption cannot be read or an embedding is not finite.
  public func batches(of samples: [Int], microbatches: Int) throws -> [CaptionBatch] {
    let size = localLanes.count / microbatches
    return try stride(from: localLanes.lowerBound, to: localLanes.upperBound, by: size).map {
      try batch(of: samples, lanes: $0..<$0 + size)
    }
  }

  /// What all ranks have built of a global batch, and that batch's target tokens. To be called by
  /// all ranks together: none may go on with a batch that another does not have.
  /// - Throws: `Failure`, the same on all ranks, when any could not build its part.
  public func joined(
    _ built: Result<[CaptionBatch], any Error>
  ) throws -> (batches: [CaptionBatch], tokens: Int) {
    let counted = (try? built.get()).map { $0.reduce(0) { $0 + $1.countedTokens } }
    let counts = communicator.allGather([counted ?? -1]).joined()
    guard !counts.contains(-1) else { return (try communicator.agree(built.get), 0) }
    return (try built.get(), counts.reduce(0, +))
  }

  /// The part of the global batch `samples` that stands in the given lanes, as if there were no other.
  /// - Throws: `Failure` when a caption cannot be read or an embedding is not finite.
  public func batch(of samples: [Int], lanes range: Range<Int>) throws -> CaptionBatch {
    let mine = samples[samples.count.parts(range, of: lanes)]
    let captions = try mine.map(corpus.tokens(of:))
    return CaptionBatch(
      embeddings: hasImages ? try embeddings(of: mine) : nil, captions: captions,
      weights: ignoresTokenZero ? captions.map { $0.map { $0 == 0 ? 0 : 1 } } : nil,
      laneSizes: range.map { samples.count.part($0, of: lanes).count }, firstSample: mine.startIndex)
  }

  /// The part of the global batch `samples` that stands in one lane.
  public func samples(ofLane lane: Int, of samples: [Int]) -> ArraySlice<Int> {
    samples[samples.count.part(lane, of: lanes)]
  }

  /// Target tokens of some captions, as a batch of them counts them.
  public func countedTokens(of samples: some Sequence<Int>) throws -> Int {
    try samples.reduce(0) { total, sample in
      let tokens = try corpus.tokens(of: sample)
      return total + (ignoresTokenZero ? tokens.count { $0 != 0 } : tokens.count)
    }
  }

  private func embeddings(of samples: ArraySlice<Int>) throws -> Matrix {
    let matrix = backend.matrix(samples.count, corpus.embeddingWidth)
    for (row, sample) in samples.enumerated() {
      try corpus.copyEmbedding(of: sample, to: matrix.row(row))
    }
    if normalizesEmbeddings { matrix.normalizeRows(on: backend) }
    return matrix
  }
}
