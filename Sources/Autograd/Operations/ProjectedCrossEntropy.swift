import Foundation
import Tensors

/// What a row should predict, and how much that counts.
public struct Targets: Sendable {
  /// One token for each row.
  public let ids: [Int32]
  /// What the loss of each row is multiplied by, of either sign; zero for a row that is no target.
  public let weights: [Float]
  /// What gradients are divided by: the targets of the *global* batch, whatever they weigh.
  public let normalizer: Double

  public init(ids: [Int32], weights: [Float], normalizer: Double) {
    self.ids = ids
    self.weights = weights
    self.normalizer = normalizer
  }
}

/// Vocabulary entries whose logits are computed at a time.
private let chunkWidth = 1024
/// Bytes of logits that are kept from forward to backward; beyond that backward computes them again, chunk by chunk
/// and to the same bits.
private let keptBytes = 128 << 20
/// Bytes of logit gradients that exist at a time, few enough for the caches.
private let cachedBytes = 8 << 20
/// Rows of a task in bfloat16, a multiple of 32.
private let rowBlock = 224

extension Tape {
  /// Cross-entropy of the projection of every row onto the vocabulary, logits = x · tableᵀ, in chunks of the
  /// vocabulary: the logits of a large batch never exist as a whole.
  ///
  /// - Parameters:
  ///   - x: [rows, width], rows that have a target only.
  ///   - table: [vocabulary, width]; GPT-2 ties it to the token embeddings.
  /// - Returns: each lane's sum of weight · −log p(target), not yet divided by the normalizer.
  public func projectedCrossEntropy(_ x: Variable, table: Parameter, targets: Targets) -> [Double] {
    precondition(
      targets.ids.count == x.rows && targets.weights.count == x.rows
        && targets.ids.allSatisfy { (0..<table.value.rows).contains(Int($0)) },
      "each row has a target, which is an entry of \(table.name)")
    let loss = ProjectedCrossEntropy(x: x, table: table, targets: targets, backend: backend)
    let lanes = loss.forward(keepingLogits: isRecording)
    recordLoss(writing: [table]) { loss.backward() }
    return lanes
  }

  /// The logits themselves, [rows, vocabulary]: for sampling and for tests.
  public func logits(_ x: Variable, table: Parameter) -> Matrix {
    let logits = backend.matrix(x.rows, table.value.rows)
    backend.multiply(
      x.batchRows(on: backend), Factor(table, .outputsByInputs), into: logits, columnBlock: columnBlock)
    return logits
  }
}

private final class ProjectedCrossEntropy {
  let x: Variable
  let rows: BatchRows
  let table: Parameter
  /// Makes logits of rows.
  let factor: Factor
  let targets: Targets
  let backend: Backend
  let chunks: Int
  /// Rows of a task: in float32 those of a lane; in bfloat16 an element depends on its row and column alone.
  let pieces: [Range<Int>]
  /// log Σ exp of every row's logits.
  let logSums: Matrix
  /// [chunks · rows, chunkWidth]: the first chunk's rows, the second's, … or nil when they are too many to keep.
  var kept: Matrix?

  var vocabulary: Int { table.value.rows }
  var lanes: Int { x.packing.lanes }

  init(x: Variable, table: Parameter, targets: Targets, backend: Backend) {
    self.x = x
    rows = x.batchRows(on: backend)
    self.table = table
    factor = Factor(table, .outputsByInputs)
    self.targets = targets
    self.backend = backend
    chunks = (table.value.rows + chunkWidth - 1) / chunkWidth
    pieces =
      backend.precision == .bfloat16
      ? stride(from: 0, to: x.rows, by: rowBlock).map { $0..<min(x.rows, $0 + rowBlock) }
      : (0..<x.packing.lanes).map(x.packing.rows(ofLane:))
    logSums = backend.matrix(1, x.rows)
  }

  /// Vocabulary entries of a chunk.
  private func entries(ofChunk chunk: Int) -> Range<Int> {
    chunk * chunkWidth..<min(vocabulary, (chunk + 1) * chunkWidth)
  }

  /// The logits of a piece's rows over one chunk. logits: [rows, chunkWidth]
  private func computeLogits(chunk: Int, rows: Range<Int>, into logits: UnsafeMutablePointer<Float>) {
    backend.multiply(
      self.rows, rows: rows, factor, columns: entries(ofChunk: chunk), into: logits, stride: chunkWidth)
  }

  func forward(keepingLogits: Bool) -> [Double] {
    let bytes = chunks * x.rows * chunkWidth * MemoryLayout<Float>.stride
    kept = keepingLogits && bytes <= keptBytes ? backend.matrix(chunks * x.rows, chunkWidth) : nil
    let largest = backend.matrix(chunks, x.rows)
    let sums = backend.matrix(chunks, x.rows)
    let targetLogits = backend.matrix(1, x.rows)
    backend.pool.parallel(chunks * pieces.count) { task in
      let chunk = task / pieces.count
      let rows = pieces[task % pieces.count]
      func summarize(_ logits: UnsafeMutablePointer<Float>) {
        computeLogits(chunk: chunk, rows: rows, into: logits)
        let width = entries(ofChunk: chunk).count
        for (index, row) in rows.enumerated() {
          let these = logits + index * chunkWidth
          backend.kernels.log_sum_exp(these, width, largest.row(chunk) + row, sums.row(chunk) + row)
          let target = Int(targets.ids[row]) - chunk * chunkWidth
          if target >= 0 && target < width { targetLogits.pointer[row] = these[target] }
        }
      }
      if let kept {
        summarize(kept.row(chunk * x.rows + rows.lowerBound))
      } else {
        backend.withScratch(rows.count * chunkWidth, summarize)
      }
    }
    return (0..<lanes).map { lane in
      var total = 0.0
      for row in x.packing.rows(ofLane: lane) {
        let logSum = logSum(ofChunks: chunks, largest, sums, row: row)
        logSums.pointer[row] = Float(logSum)
        if targets.weights[row] != 0 {
          total += Double(targets.weights[row]) * (logSum - Double(targetLogits.pointer[row]))
        }
      }
      return total
    }
  }

  func backward() {
    let dx = x.requiresGradient ? backend.zeros(x.rows, x.width) : nil
    let panelBytes = max(1, x.rows * chunkWidth * MemoryLayout<Float>.stride)
    let chunksOfPanel = max(1, cachedBytes / panelBytes)
    for first in stride(from: 0, to: chunks, by: chunksOfPanel) {
      let panel = first..<min(chunks, first + chunksOfPanel)
      let dLogits =
        kept.map { $0.rows(from: first * x.rows, count: panel.count * x.rows) }
        ?? backend.matrix(panel.count * x.rows, chunkWidth)
      fillLogitGradients(panel, in: dLogits)
      for chunk in panel {
        let dRows = BatchRows(
          dLogits.rows(from: (chunk - first) * x.rows, count: x.rows), x.packing, on: backend)
        let entries = entries(ofChunk: chunk)
        if let dx {
          backend.multiply(
            dRows, factor.transposed.rows(entries), into: dx, accumulate: true, columnBlock: 256)
        }
        if let gradient = table.gradient {
          backend.multiplyOverLanes(
            dRows, rows, into: gradient.rows(from: entries.lowerBound, count: entries.count))
        }
      }
    }
    kept = nil
    if let dx { x.addGradient(dx, on: backend) }
  }

  /// dLogits = weight / normalizer · (softmax − one-hot), from the logits in place.
  private func fillLogitGradients(_ panel: Range<Int>, in dLogits: Matrix) {
    let isKept = kept != nil
    backend.pool.parallel(panel.count * pieces.count) { task in
      let chunk = panel.lowerBound + task / pieces.count
      let rows = pieces[task % pieces.count]
      let values = dLogits.row(task / pieces.count * x.rows + rows.lowerBound)
      if !isKept { computeLogits(chunk: chunk, rows: rows, into: values) }
      let width = entries(ofChunk: chunk).count
      for (index, row) in rows.enumerated() {
        let these = values + index * chunkWidth
        let factor = Float(Double(targets.weights[row]) / targets.normalizer)
        backend.kernels.exponentials(these, width, logSums.pointer[row], factor)
        let target = Int(targets.ids[row]) - chunk * chunkWidth
        if target >= 0 && target < width { these[target] -= factor }
        // Products in bfloat16 read a chunk as a whole.
        (these + width).update(repeating: 0, count: chunkWidth - width)
      }
    }
  }
}
