import CKernels
import Foundation
import Tensors

/// The largest logits of one row, and what makes probabilities of them.
public struct TopLogits: Sendable {
  /// Largest first, equal ones in order of their tokens; NaN is never among them.
  public let entries: [Entry]
  /// log Σ exp of all the row's logits.
  public let logSum: Double
  /// Whether all the row's logits are finite.
  public let isFinite: Bool

  public struct Entry: Equatable, Sendable {
    public let token: Int32
    public let logit: Float
  }
}

/// Vocabulary entries whose logits are computed at a time: those of all rows of a beam stay in a core's cache.
private let chunkWidth = 512

extension Tape {
  /// The largest logits of each row, logits = (x · tableᵀ + bias) / temperature, found while the product runs: the logits never
  /// exist as a whole.
  ///
  /// - Parameters:
  ///   - x: [rows, width].
  ///   - table: [vocabulary, width].
  ///   - count: how many of each row; all where the vocabulary has fewer.
  public func topLogits(
    _ x: LinearInput, table: Parameter, bias: Parameter? = nil, count: Int, temperature: Double = 1
  ) -> [TopLogits] {
    let (rowCount, factor, vocabulary) = (
      x.packing.rows, WeightOperand(table, .outputsByInputs), table.value.rows
    )
    let chunks = (vocabulary + chunkWidth - 1) / chunkWidth
    // Of each chunk and row.
    let largest = backend.matrix(chunks, rowCount)
    let sums = backend.matrix(chunks, rowCount)
    var isFinite = [Bool](repeating: true, count: chunks * rowCount)
    // A task goes through consecutive chunks. Which ones has no part in the result: the largest logits are the same
    // wherever they were found, and the chunks' sums are added one after the other.
    let tasks = min(chunks, 4 * backend.pool.threads)
    var found = [TopEntries](
      repeating: TopEntries(limit: min(count, vocabulary)), count: tasks * rowCount)
    isFinite.withUnsafeMutableBufferPointer { isFinite in
      found.withUnsafeMutableBufferPointer { found in
        nonisolated(unsafe) let (isFinite, found) = (isFinite, found)
        backend.pool.parallel(tasks) { task in
          backend.withScratch(rowCount * chunkWidth) { logits in
            for chunk in chunks * task / tasks..<chunks * (task + 1) / tasks {
              let entries = chunk * chunkWidth..<min(vocabulary, (chunk + 1) * chunkWidth)
              backend.multiply(
                x.rows, rows: 0..<rowCount, factor, columns: entries, into: logits, stride: chunkWidth)
              for row in 0..<rowCount {
                let these = logits + row * chunkWidth
                if let bias = bias?.value.pointer {
                  backend.kernels.add(these, these, bias + entries.lowerBound, entries.count)
                }
                if temperature != 1 { backend.kernels.scale(these, Float(1 / temperature), entries.count) }
                backend.kernels.log_sum_exp(
                  these, entries.count, largest.row(chunk) + row, sums.row(chunk) + row)
                isFinite[chunk * rowCount + row] =
                  capstan_first_nonfinite_float(these, entries.count) == entries.count
                found[task * rowCount + row].keep(these, of: entries, on: backend)
              }
            }
          }
        }
      }
    }
    return (0..<rowCount).map { row in
      let entries = (0..<tasks).flatMap { found[$0 * rowCount + row].entries }
      return TopLogits(
        entries: Array(entries.sorted { ($1.logit, $0.token) < ($0.logit, $1.token) }.prefix(count)),
        logSum: logSum(ofChunks: chunks, largest, sums, row: row),
        isFinite: (0..<chunks).allSatisfy { isFinite[$0 * rowCount + row] })
    }
  }
}

/// log Σ exp of a row, of what is known of each chunk: its largest logit, and the sum of exp(logit - largest).
func logSum(ofChunks chunks: Int, _ largest: Matrix, _ sums: Matrix, row: Int) -> Double {
  let top = (0..<chunks).map { largest.row($0)[row] }.reduce(-.infinity) { max($0, $1) }
  let sum = (0..<chunks).reduce(0.0) {
    $0 + Double(sums.row($1)[row]) * exp(Double(largest.row($1)[row] - top))
  }
  return Double(top) + log(sum)
}

/// The largest logits of a row so far.
private struct TopEntries {
  private var logits: [Float]
  private var tokens: [UInt32]
  private var kept = 0

  init(limit: Int) {
    logits = Array(repeating: 0, count: limit)
    tokens = Array(repeating: 0, count: limit)
  }

  /// - Parameter entries: behind those of earlier calls.
  mutating func keep(_ logits: UnsafePointer<Float>, of entries: Range<Int>, on backend: Backend) {
    kept = backend.kernels.keep_largest(
      &self.logits, &tokens, kept, self.logits.count, logits, entries.count, UInt32(entries.lowerBound))
  }

  var entries: [TopLogits.Entry] {
    zip(tokens, logits).prefix(kept).map { TopLogits.Entry(token: Int32($0), logit: $1) }
  }
}
