import Autograd
import Batching
import Collectives
import Models
import Objectives
import Tensors

/// The mean loss per token over a whole split, each caption seen once, in order.
public struct Validation {
  private let model: any CaptionModel
  private let objective = CrossEntropy()
  private let builder: BatchBuilder
  private let batchSize: Int
  private let communicator: Communicator
  private let backend: Backend

  public init(
    _ model: any CaptionModel, _ builder: BatchBuilder, batchSize: Int, communicator: Communicator,
    on backend: Backend
  ) {
    self.model = model
    self.builder = builder
    self.batchSize = batchSize
    self.communicator = communicator
    self.backend = backend
  }

  /// - Parameter checkInterrupt: called between batches; what it throws ends it on all ranks.
  /// - Throws: `Failure`, the same on all ranks, when any cannot read a caption or has an embedding that is not finite.
  public func loss(checkInterrupt: () throws -> Void) throws -> Double {
    let samples = 0..<builder.corpus.count
    var sums: [Double] = []
    var tokens = 0
    try communicator.agree {
      for start in stride(from: 0, to: samples.count, by: batchSize) {
        try checkInterrupt()
        let batch = try builder.batch(
          of: Array(samples[start..<min(samples.count, start + batchSize)]), lanes: builder.localLanes)
        tokens += batch.countedTokens
        sums += objective.laneLosses(
          model, batch, denominator: 1, on: Tape(on: backend, recording: false))
      }
    }
    // Every rank's lanes of every batch, put back into the order of lanes and added in the tree.
    let all = communicator.allGather(sums)
    let batches = (samples.count + batchSize - 1) / batchSize
    var total = 0.0
    for batch in 0..<batches {
      let lanes = all.flatMap { rank -> ArraySlice<Double> in
        let lanes = rank.count / batches
        return rank[batch * lanes..<(batch + 1) * lanes]
      }
      total += lanes.treeSum()
    }
    return total / Double(communicator.allGather([tokens]).joined().reduce(0, +))
  }
}
