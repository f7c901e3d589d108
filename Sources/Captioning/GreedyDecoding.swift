/// Takes the most likely token at each step.
///
/// This is also what ClipCap's `generate2` does, whose `top_p` and `temperature` change nothing: it filters the
/// distribution and then takes its maximum.
public struct GreedyDecoding: DecodingMethod {
  public init() {}

  public func captions(of imageIDs: [String], _ batch: DecodingBatch, until end: StopCondition) -> [[Int32]] {
    batch.captions(until: end) { _, _ in batch.topLogits(1).map { $0.entries.first?.token ?? 0 } }
  }
}
