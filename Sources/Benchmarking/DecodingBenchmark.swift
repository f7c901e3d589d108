import Captioning
import Collectives
import Essentials
import Models
import Tensors

/// Times beam search from embeddings to tokens, every caption forced to its full length.
public struct DecodingBenchmark {
  public var model = BenchmarkModel()
  public var images = 96
  public var beams = 5
  public var tokens = 20

  public init() {}

  /// All ranks call this together and share the images in groups, as in captioning.
  /// - Throws: `Failure.usage` for captions that the model's positions cannot hold.
  public func run(_ communicator: Communicator, on backend: Backend) throws -> DecodingReport {
    let built = try model.build(forTraining: false, on: backend)
    let most = model.languageModel.positions - built.model.prefixLength + 1
    try communicator.together {
      guard (1...most).contains(tokens) else {
        throw Failure.usage(
          "--tokens is \(tokens), but must be between 1 and \(most); choose another number.")
      }
    }
    let groups = stride(from: 0, to: images, by: Captioner.groupSize).map {
      min(Captioner.groupSize, images - $0)
    }
    let mine = stride(from: communicator.rank, to: groups.count, by: communicator.size).map { groups[$0] }
    decode(1, built.model, backend)
    communicator.barrier()
    let seconds = measure { for size in mine { decode(size, built.model, backend) } }
    let slowest = communicator.allGather([seconds]).map { $0[0] }.max() ?? seconds
    return DecodingReport(
      precision: backend.precision, ranks: communicator.size, threads: backend.pool.threads, images: images,
      beams: beams, tokens: tokens, seconds: slowest, imagesPerSecond: Double(images) / slowest,
      peakResidentBytes: communicator.allGather([peakResidentBytes() ?? 0]).map { $0[0] })
  }

  private func decode(_ count: Int, _ clipCap: ClipCap, _ backend: Backend) {
    var random = CounterRandom(seed: 1, stream: "decoding")
    let embeddings = backend.matrix(count, model.embeddingWidth)
    embeddings.assign((0..<embeddings.count).map { _ in Float(random.normal()) })
    let batch = DecodingBatch(clipCap, embeddings: embeddings, on: backend)
    _ = BeamSearch(beams: beams).hypotheses(batch, until: CaptionEnd(tokens: [], maxTokens: tokens))
  }
}

/// The speed of beam search.
public struct DecodingReport: BenchmarkReport {
  public let precision: Precision
  public let ranks: Int
  /// Of each rank.
  public let threads: Int
  public let images: Int
  public let beams: Int
  /// Of each caption.
  public let tokens: Int
  /// Of the slowest rank, for all of its images.
  public let seconds: Double
  public let imagesPerSecond: Double
  /// Of each rank.
  public let peakResidentBytes: [Int]

  public var table: TextTable {
    TextTable(facts: [
      ("world", "\(ranks) × \(threads)", "ranks × threads"),
      ("precision", precision.rawValue, ""),
      ("search", "\(beams) × \(tokens)", "beams × tokens"),
      ("images", "\(images)", ""),
      ("time", decimal(seconds, 2), "s"),
      ("speed", decimal(imagesPerSecond, 2), "images/s"),
      ("peak memory", decimal(Double(peakResidentBytes.max() ?? 0) / 0x1p30, 2), "GiB/rank"),
    ])
  }
}
