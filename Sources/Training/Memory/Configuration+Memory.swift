import Configuration
import Foundation
import Support
import Tensors

extension Configuration {
  /// Refuses a run that would not fit: one that needs clearly more than is available would be ended by the system in
  /// the middle of a step.
  /// - Throws: `Failure.usage` when the ranks of this machine would need more than a ninth beyond what is available.
  func requireMemory(
    for data: TrainingData, ranks: Int, ranksPerNode: Int,
    available: Int? = AvailableMemory().bytes, on backend: Backend
  ) throws {
    let microbatch = Self.longBatch(
      ofCaptions: max(1, train.batchSize / (ranks * train.accumulationSteps)),
      drawnFrom: try data.corpus.lengths(ofAtMost: 10_000))
    let estimate = try MemoryEstimate(
      self, data.model, lengths: microbatch, embeddingWidth: data.corpus.embeddingWidth,
      precision: backend.precision, ranks: ranks, ranksPerNode: ranksPerNode, threads: backend.pool.threads)
    let needed = ranksPerNode * estimate.step + estimate.checkpoint
    guard let available, needed / 10 * 9 > available else { return }
    let gigabytes = { (bytes: Int) in (Double(bytes) / 1e9).formatted(.number.precision(.fractionLength(1))) }
    let remedies =
      (train.activationCheckpointing ? [] : ["set train.activation_checkpointing to true"]) + [
        "set train.accumulation_steps higher", "make train.batch_size smaller",
      ]
    throw Failure.usage(
      "The run needs about \(gigabytes(needed)) GB on each machine, but \(gigabytes(available)) GB are available; "
        + "\(remedies.dropLast().joined(separator: ", ")) or \(remedies[remedies.count - 1]), and see `capstan bench memory`."
    )
  }
  /// The tokens of each caption of a batch that hardly another is longer than: of all kinds of captions, and so much longer
  /// each that the sum is three standard deviations above the mean batch's, as far as captions go.
  static func longBatch(ofCaptions count: Int, drawnFrom lengths: [Int]) -> [Int] {
    let sorted = lengths.sorted()
    let mean = Double(sorted.reduce(0, +)) / Double(sorted.count)
    let variance = sorted.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(sorted.count)
    let tokens = Int((Double(count) * mean + 3 * (Double(count) * variance).squareRoot()).rounded(.up))
    var batch = (0..<count).map { sorted[(2 * $0 + 1) * sorted.count / (2 * count)] }
    var missing = tokens - batch.reduce(0, +)
    while missing > 0 {
      let shorter = batch.indices.filter { batch[$0] < sorted[sorted.count - 1] }.prefix(missing)
      if shorter.isEmpty { break }
      for index in shorter { batch[index] += 1 }
      missing -= shorter.count
    }
    return batch
  }
}
