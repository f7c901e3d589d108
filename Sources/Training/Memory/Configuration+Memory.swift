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
    let microbatch = try BatchShape(
      captions: train.batchSize / (ranks * train.accumulationSteps),
      drawnFrom: data.corpus.lengths(ofAtMost: 10_000)
    )
    let estimate = try MemoryEstimate(
      self, data.model, batch: microbatch,
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
}
