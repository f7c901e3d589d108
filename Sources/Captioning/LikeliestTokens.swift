import Foundation
import Tensors

/// A token that may come next.
struct Candidate: Equatable {
  let token: Int32
  let logProbability: Double
}

extension DecodingBatch {
  /// The likeliest next tokens of each sequence, likeliest first: `count` of them, or the whole vocabulary.
  func candidates(_ count: Int, temperature: Double) -> [[Candidate]] {
    map { _, logits in
      let logSum = backend.logSum(logits, temperature: temperature)
      return largest(count, of: logits).map {
        Candidate(token: Int32($0), logProbability: Double(logits[$0]) - logSum)
      }
    }
  }
}

extension Backend {
  /// Divides logits by the temperature, and returns log Σ exp of them.
  func logSum(_ logits: UnsafeMutableBufferPointer<Float>, temperature: Double) -> Double {
    guard let first = logits.baseAddress else { return -.infinity }
    if temperature != 1 { kernels.scale(first, Float(1 / temperature), logits.count) }
    var (top, sum): (Float, Float) = (0, 0)
    kernels.log_sum_exp(first, logits.count, &top, &sum)
    return Double(top) + log(Double(sum))
  }
}

/// Where the `count` largest values stand (or all, if there are fewer), largest first and equal ones in order.
func largest(_ count: Int, of values: UnsafeMutableBufferPointer<Float>) -> [Int] {
  var best: [Int] = []
  func insert(_ index: Int) {
    best.insert(index, at: best.firstIndex { values[$0] < values[index] } ?? best.count)
  }
  for index in 0..<min(count, values.count) { insert(index) }
  guard var least = best.last.map({ values[$0] }) else { return [] }
  for index in best.count..<values.count where values[index] > least {
    insert(index)
    best.removeLast()
    least = values[best[best.count - 1]]
  }
  return best
}
