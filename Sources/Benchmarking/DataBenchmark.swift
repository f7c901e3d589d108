import Essentials
import Collectives
import Datasets
import Foundation
import Tensors
import Text
import Training

/// Times the way of the data into a step, over a store that is made for the purpose in a temporary folder.
public struct DataBenchmark {
  /// Images of the store, each with one caption and an embedding of 512 half-precision numbers.
  public var rows = 120_000
  public var batchSize = 40
  public var batches = 500

  public init() {}

  /// The store is measured by one process.
  /// - Throws: `Failure` where the store cannot be written.
  public func run(on backend: Backend) throws -> DataReport {
    let folder = FileManager.default.temporaryDirectory.appending(path: "capstan-bench-\(UUID().uuidString)")
      .path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/store.h5"
    let contents = try contents()
    let writing = try measure { try contents.write(to: path) }
    let tokenizer = try BPETrainer(vocabularySize: 360).train(on: contents.captionTexts.prefix(10_000))

    let store = try EmbeddingStore(path: path)
    let sampler = Sampler(count: rows, seed: 0)
    let row = backend.matrix(1, store.valuesPerRow)
    var position = 0
    func nextSamples() -> [Int] {
      defer { position += batchSize }
      return (position..<position + batchSize).map { sampler.sample(epoch: 0, position: $0 % rows) }
    }
    let reading = Timing(count: batches) {
      for sample in nextSamples() { store.copyRow(sample, to: row.pointer) }
    }
    var section = SplitSection()
    section.files = [path]
    let rules = CaptionRules(endToken: true, addPeriod: false, limit: .unlimited, positionLimit: 1024)
    let clock = ContinuousClock()
    let start = clock.now
    let corpus = try CaptionCorpus(
      section, key: "data.train", tokenizer: tokenizer, rules: rules, on: backend)
    let tokenizing = (clock.now - start) / .seconds(1)
    let builder = BatchBuilder(corpus, Configuration(), communicator: .alone, on: backend)
    let building = Timing(count: batches) {
      _ = builder.batch(of: nextSamples(), lanes: builder.hosted)
    }
    return DataReport(
      rows: rows, batchSize: batchSize, threads: backend.pool.threads, storeSeconds: writing,
      rowsPerSecond: Double(batchSize) / reading.median,
      tokenizedCaptionsPerSecond: Double(rows) / tokenizing,
      batchedCaptionsPerSecond: Double(batchSize) / building.median)
  }

  private func contents() throws -> StoreContents {
    let scenes = try SyntheticScenes(count: max(10, min(rows, 10_000)), seed: 1)
    let captions = scenes.scenes.flatMap(scenes.captions(of:))
    var random = CounterRandom(seed: 1, stream: "embeddings")
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
  public let batchSize: Int
  public let threads: Int
  /// Seconds to write the store, synced.
  public let storeSeconds: Double
  /// Embeddings read in random order, in batches, on one thread.
  public let rowsPerSecond: Double
  /// Captions opened and made tokens, on all threads.
  public let tokenizedCaptionsPerSecond: Double
  /// Captions built into batches for a step, on one thread.
  public let batchedCaptionsPerSecond: Double

  public var table: TextTable {
    TextTable(facts: [
      ("store written", decimal(storeSeconds, 2), "s for \(rows) rows of 512 float16"),
      ("random rows", decimal(rowsPerSecond, 0), "rows/s, one thread"),
      ("tokenizer", decimal(tokenizedCaptionsPerSecond, 0), "captions/s, \(threads) threads, store opened"),
      ("batches", decimal(batchedCaptionsPerSecond, 0), "captions/s, batches of \(batchSize)"),
    ])
  }
}
