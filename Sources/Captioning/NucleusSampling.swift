import Foundation
import Tensors

/// Draws each token from the nucleus of its distribution: the most likely tokens that together have at least the
/// probability `topP` (Holtzman et al. 2020, section 3.1).
///
/// The n-th draw for an image is a pure function of (seed, image id, n), so that a caption does not depend on the
/// images beside it.
public struct NucleusSampling: DecodingMethod {
  /// Above 0 and at most 1, which samples from the whole distribution.
  public let topP: Double
  /// Above 0; logits are divided by it.
  public let temperature: Double
  public let seed: UInt64

  public init(topP: Double = 0.9, temperature: Double = 1, seed: UInt64 = 0) {
    precondition(
      topP > 0 && topP <= 1 && temperature > 0, "a nucleus has a token, and a temperature is positive")
    self.topP = topP
    self.temperature = temperature
    self.seed = seed
  }

  public func captions(of imageIDs: [String], _ batch: DecodingBatch, until end: StopCondition) -> [[Int32]] {
    let draws = imageIDs.map { id in
      var random = Philox(seed: seed, stream: "sampling", id)
      return (0..<end.maxTokens).map { _ in random.uniform() }
    }
    return batch.captions(until: end) { images, position in
      batch.mapLogits { sample($1, draw: draws[images[$0]][position], on: batch.backend) }
    }
  }

  /// - Parameter draw: uniform in [0, 1).
  func sample(_ logits: UnsafeMutableBufferPointer<Float>, draw: Double, on backend: Backend) -> Int32 {
    guard let first = logits.baseAddress else { return 0 }
    if temperature != 1 { backend.kernels.scale(first, Float(1 / temperature), logits.count) }
    var (top, sum): (Float, Float) = (0, 0)
    backend.kernels.log_sum_exp(first, logits.count, &top, &sum)
    let logSum = Double(top) + log(Double(sum))
    // Tokens below this probability have less than 1 - topP together, so the nucleus is complete without them.
    let floor = Float(logSum + log((1 - topP) / Double(logits.count)))
    var likely = logits.indices.filter { logits[$0] >= floor }
    // The whole distribution can be drawn from in any order.
    if topP < 1 { likely.sort { (logits[$0], $1) > (logits[$1], $0) } }
    var nucleus: [(token: Int, cumulative: Double)] = []
    var mass = 0.0
    for token in likely where mass < topP {
      mass += exp(Double(logits[token]) - logSum)
      nucleus.append((token, mass))
    }
    let drawn = nucleus.first { $0.cumulative > draw * mass } ?? nucleus.last
    return Int32(drawn?.token ?? 0)
  }
}
