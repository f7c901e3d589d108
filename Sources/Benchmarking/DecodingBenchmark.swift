import Captioning
import Collectives
import Models
import Support
import Tensors

/// Times beam search from embeddings to tokens, every caption forced to its full length.
public struct DecodingBenchmark {
  public var model = BenchmarkModel()
  public var images = 96
  public var beams = 5
  public var tokens = 20

  public init() {}

  /// All ranks call this together and share the images in groups, as in captioning.
  /// - Parameter progress: told of each group of this rank when it is done.
  /// - Throws: `Failure.usage` for captions that the model's positions cannot hold.
  public func run(
    _ communicator: Communicator, on backend: Backend, progress: (BenchmarkProgress) -> Void = { _ in }
  ) throws -> DecodingReport {
    let built = try model.build(forTraining: false, on: backend)
    let most = built.model.maxCaptionTokens
    try communicator.agree {
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
    let stopwatch = Stopwatch(communicator, on: backend)
    var samples: [Stopwatch.Sample] = []
    let seconds = measure {
      for size in mine {
        let sample = stopwatch.sample { decode(size, built.model, backend) }
        progress(BenchmarkProgress(items: size, seconds: sample.seconds))
        // Others would take less time.
        if size == Captioner.groupSize { samples.append(sample) }
      }
    }
    let slowest = communicator.allGather([seconds]).map { $0[0] }.max() ?? seconds
    return DecodingReport(
      precision: backend.precision, ranks: communicator.size, threads: backend.pool.threads, images: images,
      beams: beams, tokens: tokens, seconds: slowest, imagesPerSecond: Double(images) / slowest,
      secondsPerGroup: images < Captioner.groupSize ? nil : stopwatch.timing(samples),
      peakResidentBytes: communicator.allGather([peakResidentBytes() ?? 0]).map { $0[0] })
  }

  private func decode(_ count: Int, _ captioner: any CaptionModel, _ backend: Backend) {
    var random = Philox(seed: 1, stream: "decoding")
    let embeddings = backend.matrix(count, model.embeddingWidth)
    embeddings.assign((0..<embeddings.count).map { _ in Float(random.normal()) })
    let batch = DecodingBatch(captioner, embeddings: embeddings, on: backend)
    _ = BeamSearch(beams: beams).hypotheses(batch, until: StopCondition(tokens: [], maxTokens: tokens))
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
  /// Of each full group of images that the first rank had; nil where there is none.
  public let secondsPerGroup: Timing?
  /// Of each rank.
  public let peakResidentBytes: [Int]

  public var table: TextTable {
    let groups = secondsPerGroup?.facts("images/s, groups") {
      decimal(Double(Captioner.groupSize * ranks) / $0, 2)
    }
    return TextTable(
      facts: [
        ("world", "\(ranks) × \(threads)", "ranks × threads"),
        ("precision", precision.rawValue, ""),
        ("search", "\(beams) × \(tokens)", "beams × tokens"),
        ("images", "\(images)", ""),
        ("time", decimal(seconds, 2), "s"),
        ("speed", decimal(imagesPerSecond, 2), "images/s"),
      ] + (groups ?? []) + [
        ("peak memory", decimal(Double(peakResidentBytes.max() ?? 0) / 0x1p30, 2), "GiB/rank")
      ])
  }
}
