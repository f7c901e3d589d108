import Batching
import Collectives
import Configuration
import Datasets
import Foundation
import Support
import Tensors
import Text
import Training

/// Times the way of the data into a step, over stores that are given or over one that is made for the purpose in a
/// temporary folder.
public struct DataBenchmark {
  /// Stores or patterns of them; none: one is made.
  public var files: [String] = []
  /// Images of the store that is made, each with one caption and an embedding of 512 half-precision numbers.
  public var rows = 120_000
  public var batchSize = 40
  public var batches = 500
  /// Captions that are shuffled together; nil: all.
  public var window: Int?

  public init() {}

  /// The stores are measured by one process.
  /// - Throws: `Failure` where a store cannot be written or read.
  public func run(on backend: Backend) throws -> DataReport {
    guard files.isEmpty else { return try report(on: files, backend) }
    let folder = FileManager.default.temporaryDirectory.appending(path: "capstan-bench-\(UUID().uuidString)")
      .path
    let remove: @Sendable () -> Void = { try? FileManager.default.removeItem(atPath: folder) }
    defer { remove() }
    return try Cleanup.onSignal(remove) {
      let path = folder + "/store.h5"
      let contents = try contents()
      let writing = try measure { try contents.write(to: path) }
      return try report(on: [path], storeSeconds: writing, backend)
    }
  }

  private func report(
    on files: [String], storeSeconds: Double? = nil, _ backend: Backend
  ) throws -> DataReport {
    var section = SplitSection()
    section.files = files
    let rules = CaptionRules(endToken: true, addPeriod: false, limit: .unlimited, positionLimit: 1024)
    var stores: [EmbeddingStore] = []
    let opening = try measure { stores = try EmbeddingStore.open(files) }
    let tokenizer = try tokenizer(from: stores)
    let start = ContinuousClock().now
    let corpus = try CaptionCorpus(
      section, of: stores, key: "data.train", tokenizer: tokenizer, rules: rules, on: backend)
    let surveying = (ContinuousClock().now - start) / .seconds(1)

    let batchSize = min(batchSize, corpus.count)
    let sampler = Sampler(count: corpus.count, window: window, seed: 0)
    let row = backend.matrix(1, corpus.embeddingWidth)
    /// Of the batch.
    var position = 0
    func nextSamples() -> [Int] {
      let (epoch, batch) = position.quotientAndRemainder(dividingBy: corpus.count / batchSize)
      defer { position += 1 }
      let positions = batch * batchSize..<(batch + 1) * batchSize
      corpus.prefetch(sampler.prefetch(epoch: epoch, positions: positions))
      return positions.map { sampler.sample(epoch: epoch, position: $0) }
    }
    let reading = try Timing(count: batches) {
      for sample in nextSamples() { try corpus.copyEmbedding(of: sample, to: row.pointer) }
    }
    let encoding = try Timing(count: batches) {
      for sample in nextSamples() { _ = try corpus.tokens(of: sample) }
    }
    let builder = BatchBuilder(corpus, Configuration(), communicator: .alone, on: backend)
    let building = try Timing(count: batches) { _ = try builder.batches(of: nextSamples(), microbatches: 1) }
    return DataReport(
      rows: stores.reduce(0) { $0 + $1.rowCount }, files: stores.count, captions: corpus.count,
      batchSize: batchSize, threads: backend.pool.threads, storeSeconds: storeSeconds,
      openSeconds: opening, surveySeconds: surveying,
      rowsPerSecond: Double(batchSize) / reading.median,
      tokenizedCaptionsPerSecond: Double(batchSize) / encoding.median,
      batchedCaptionsPerSecond: Double(batchSize) / building.median, peakResidentBytes: peakResidentBytes())
  }

  /// Learnt from the first captions.
  private func tokenizer(from stores: [EmbeddingStore]) throws -> BPETokenizer {
    let column = stores[0].captionTexts
    return try BPETrainer(vocabularySize: 360).train(
      on: (0..<min(column.count, 10_000)).map(column.string(at:)))
  }

  private func contents() throws -> StoreContents {
    let scenes = try SyntheticScenes(count: max(10, min(rows, 10_000)), seed: 1)
    let captions = scenes.scenes.flatMap(scenes.captions(of:))
    var random = Philox(seed: 1, stream: "embeddings")
    // Halves between 1 and 2, four from each draw.
    let bits = (0..<rows * 512 / 4).flatMap { _ in
      let word = random.next()
      return (0..<4).map { UInt16(truncatingIfNeeded: word >> (16 * $0)) & 0x3ff | 0x3c00 }
    }
    return StoreContents(
      encoder: "benchmark", normalized: false, source: "capstan bench data", width: 512,
      embeddings: .float16(bits), imageIDs: (0..<rows).map(String.init),
      splits: Array(repeating: "train", count: rows),
      captionTexts: (0..<rows).map { captions[$0 % captions.count] }, captionRows: Array(0..<rows))
  }
}

/// How fast data comes.
public struct DataReport: BenchmarkReport {
  public let rows: Int
  public let files: Int
  public let captions: Int
  public let batchSize: Int
  public let threads: Int
  /// Seconds to write the store, synced; nil where none was made.
  public let storeSeconds: Double?
  /// Seconds to open the stores and check all but the embeddings' values.
  public let openSeconds: Double
  /// Seconds to find the captions of the split, the ones that are cut, and the fingerprint.
  public let surveySeconds: Double
  /// Embeddings read and checked in random order, in batches, on one thread.
  public let rowsPerSecond: Double
  /// Captions read and made tokens in random order, on one thread.
  public let tokenizedCaptionsPerSecond: Double
  /// Captions built into batches for a step, on one thread.
  public let batchedCaptionsPerSecond: Double
  public let peakResidentBytes: Int?

  public var table: TextTable {
    let written = storeSeconds.map {
      [("store written", decimal($0, 2), "s for \(rows) rows of 512 float16")]
    }
    let resident = peakResidentBytes.map { [("resident", decimal(Double($0) / 1e6, 0), "MB at most")] }
    return TextTable(
      facts: (written ?? []) + [
        (
          "opened", decimal(openSeconds, 2),
          "s for \(counted(rows, "row")) in \(counted(files, "file")), checked"
        ),
        ("surveyed", decimal(surveySeconds, 2), "s for \(captions) captions of the split"),
        ("random rows", decimal(rowsPerSecond, 0), "rows/s, one thread"),
        ("tokenizer", decimal(tokenizedCaptionsPerSecond, 0), "captions/s, read and encoded, one thread"),
        ("batches", decimal(batchedCaptionsPerSecond, 0), "captions/s, batches of \(batchSize), one thread"),
      ] + (resident ?? []))
  }
}
