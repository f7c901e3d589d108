import Foundation
import Tensors

/// What a row should predict, and how much that counts.
public struct Targets: Sendable {
  /// One token for each row.
  public let ids: [Int32]
  /// What the loss of each row is multiplied by, of either sign; zero for a row that is no target.
  public let weights: [Float]
  /// What gradients are divided by: the targets of the *global* batch, whatever they weigh.
  public let lossDenominator: Double
  /// How much of every target is spread over the whole vocabulary (label smoothing: Szegedy et al. 2016, section 7).
  public let smoothing: Float

  public init(ids: [Int32], weights: [Float], lossDenominator: Double, smoothing: Float = 0) {
    self.ids = ids
    self.weights = weights
    self.lossDenominator = lossDenominator
    self.smoothing = smoothing
  }
}

/// Vocabulary entries whose logits are computed at a time.
private let chunkWidth = 1024
/// Bytes of logits that are kept from forward to backward; beyond that backward computes them again, chunk by chunk
/// and to the same bits.
private let logitsCacheLimit = 128 << 20
/// Bytes of logit gradients that exist at a time, few enough for the caches.
private let logitGradientBudget = 8 << 20
/// Rows of a task in bfloat16, a multiple of 32.
private let rowBlock = 224

extension Tape {
  /// Cross-entropy of the projection of every row onto the vocabulary, logits = x · tableᵀ + bias, in chunks of the
  /// vocabulary: the logits of a large batch never exist as a whole.
  ///
  /// - Parameters:
  ///   - x: [rows, width], rows that have a target only.
  ///   - table: [vocabulary, width]; GPT-2 ties it to the token embeddings. Where other operations too take it as a
  ///     weight, the gradients of the logits exist as a whole until the last of them is through.
  ///   - bias: [vocabulary]
  /// - Returns: each lane's sum of weight · −log p(target), or, of smoothed targets, of
  ///   weight · ((smoothing − 1) · log p(target) − smoothing · mean log p); not yet divided by the lossDenominator.
  public func fusedLinearCrossEntropy(
    _ x: LinearInput, table: Parameter, bias: Parameter? = nil, targets: Targets
  ) -> [Double] {
    precondition(
      targets.ids.count == x.packing.rows && targets.weights.count == x.packing.rows
        && targets.ids.allSatisfy { (0..<table.value.rows).contains(Int($0)) },
      "each row has a target, which is an entry of \(table.name)")
    let (tableGradient, biasGradient) = (gradient(of: table), bias.flatMap(gradient(of:)))
    let loss = FusedLinearCrossEntropy(x: x, table: table, bias: bias, targets: targets, backend: backend)
    let lanes = loss.forward(keepingLogits: isRecording)
    recordLoss(contributingTo: [tableGradient, biasGradient]) {
      loss.backward(contributingTo: tableGradient, biasGradient)
    }
    return lanes
  }

  /// The logits themselves, [rows, vocabulary]: for sampling and for tests.
  public func logits(_ x: LinearInput, table: Parameter, bias: Parameter? = nil) -> Matrix {
    let logits = backend.matrix(x.packing.rows, table.value.rows)
    backend.multiply(
      x.rows, WeightOperand(table, .outputsByInputs), into: logits, bias: bias?.value,
      columnBlock: columnBlock)
    return logits
  }
}

private final class FusedLinearCrossEntropy {
  let x: LinearInput
  let table: Parameter
  let bias: Parameter?
  /// Makes logits of rows.
  let factor: WeightOperand
  let targets: Targets
  let backend: Backend
  let chunks: Int
  /// Rows of a task: in float32 those of a lane; in bfloat16 an element depends on its row and column alone.
  let pieces: [Range<Int>]
  /// log Σ exp of every row's logits.
  let logSums: Matrix
  /// Of each chunk, [rows, chunkWidth]; of none when they are too many to keep. Apart, so that each finds a place among what
  /// blocks have let go of.
  var kept: [Int: Matrix] = [:]

  var rowCount: Int { x.packing.rows }
  var vocabulary: Int { table.value.rows }
  var lanes: Int { x.packing.lanes }

  init(x: LinearInput, table: Parameter, bias: Parameter?, targets: Targets, backend: Backend) {
    self.x = x
    self.table = table
    self.bias = bias
    factor = WeightOperand(table, .outputsByInputs)
    self.targets = targets
    self.backend = backend
    chunks = (table.value.rows + chunkWidth - 1) / chunkWidth
    pieces =
      backend.precision == .bfloat16
      ? stride(from: 0, to: x.packing.rows, by: rowBlock).map { $0..<min(x.packing.rows, $0 + rowBlock) }
      : (0..<x.packing.lanes).map(x.packing.rows(ofLane:))
    logSums = backend.matrix(1, x.packing.rows)
  }

  /// Vocabulary entries of a chunk.
  private func entries(ofChunk chunk: Int) -> Range<Int> {
    chunk * chunkWidth..<min(vocabulary, (chunk + 1) * chunkWidth)
  }

  /// The logits of a piece's rows over one chunk. logits: [rows, chunkWidth]
  private func computeLogits(chunk: Int, rows: Range<Int>, into logits: UnsafeMutablePointer<Float>) {
    let entries = entries(ofChunk: chunk)
    backend.multiply(x.rows, rows: rows, factor, columns: entries, into: logits, stride: chunkWidth)
    guard let bias = bias?.value.pointer else { return }
    for row in 0..<rows.count {
      let these = logits + row * chunkWidth
      backend.kernels.add(these, these, bias + entries.lowerBound, entries.count)
    }
  }

  func forward(keepingLogits: Bool) -> [Double] {
    let bytes = chunks * rowCount * chunkWidth * MemoryLayout<Float>.stride
    if keepingLogits && bytes <= logitsCacheLimit {
      for chunk in 0..<chunks { kept[chunk] = backend.matrix(rowCount, chunkWidth) }
    }
    let largest = backend.matrix(chunks, rowCount)
    let sums = backend.matrix(chunks, rowCount)
    let targetLogits = backend.matrix(1, rowCount)
    let logitSums = targets.smoothing > 0 ? backend.matrix(chunks, rowCount) : nil
    factor.count(rows: rowCount, in: backend.operations)
    let scratch = kept.isEmpty ? pieceScratch : 0
    backend.parallel(chunks * pieces.count, scratch: scratch) { task in
      let chunk = task / pieces.count
      let rows = pieces[task % pieces.count]
      func summarize(_ logits: UnsafeMutablePointer<Float>) {
        computeLogits(chunk: chunk, rows: rows, into: logits)
        let width = entries(ofChunk: chunk).count
        for (index, row) in rows.enumerated() {
          let these = logits + index * chunkWidth
          backend.kernels.log_sum_exp(these, width, largest.row(chunk) + row, sums.row(chunk) + row)
          if let logitSums { logitSums.row(chunk)[row] = backend.kernels.sum(these, width) }
          let target = Int(targets.ids[row]) - chunk * chunkWidth
          if target >= 0 && target < width { targetLogits.pointer[row] = these[target] }
        }
      }
      if let logits = kept[chunk] {
        summarize(logits.row(rows.lowerBound))
      } else {
        backend.withScratch(rows.count * chunkWidth, summarize)
      }
    }
    var losses = [Double](repeating: 0, count: lanes)
    losses.withUnsafeMutableBufferPointer { losses in
      nonisolated(unsafe) let losses = losses
      backend.pool.parallel(lanes) { lane in
        for row in x.packing.rows(ofLane: lane) {
          let logSum = logSum(ofChunks: chunks, largest, sums, row: row)
          logSums.pointer[row] = Float(logSum)
          guard targets.weights[row] != 0 else { continue }
          var expected = Double(targetLogits.pointer[row])
          if let logitSums {
            let total = (0..<chunks).reduce(0.0) { $0 + Double(logitSums.row($1)[row]) }
            expected += Double(targets.smoothing) * (total / Double(vocabulary) - expected)
          }
          losses[lane] += Double(targets.weights[row]) * (logSum - expected)
        }
      }
    }
    return losses
  }

  /// For the logits of one piece.
  private var pieceScratch: Int { (pieces.map(\.count).max() ?? 0) * chunkWidth }

  func backward(contributingTo tableGradient: ParameterGradient?, _ biasGradient: ParameterGradient?) {
    let biasSums = biasGradient.map { _ in backend.matrix(lanes, chunks * chunkWidth) }
    let dx = x.requiresGradient ? backend.zeros(rowCount, x.width) : nil
    let panelBytes = max(1, rowCount * chunkWidth * MemoryLayout<Float>.stride)
    let chunksOfPanel = max(1, logitGradientBudget / panelBytes)
    for first in stride(from: 0, to: chunks, by: chunksOfPanel) {
      let panel = first..<min(chunks, first + chunksOfPanel)
      let dLogits = panel.map { chunk -> BatchElements in
        guard let logits = kept[chunk], backend.precision == .float32 else {
          return backend.operands(rows: rowCount, columns: chunkWidth)
        }
        return .exact(logits)
      }
      fillLogitGradients(panel, in: dLogits)
      for chunk in panel {
        kept[chunk] = nil
        let dRows = MatmulInput(dLogits[chunk - first], x.packing, on: backend)
        let entries = entries(ofChunk: chunk)
        if let dx {
          backend.multiply(
            dRows, factor.transposed.rows(entries), into: dx, accumulate: true, columnBlock: 256)
        }
        tableGradient?.add(productOf: dRows, x.rows, rows: entries)
        if let biasSums {
          backend.pool.parallel(lanes) { lane in
            let sums = biasSums.row(lane) + chunk * chunkWidth
            dRows.elements.sum(x.packing.rows(ofLane: lane), into: sums, on: backend)
          }
        }
      }
    }
    if let biasSums { biasGradient?.add(biasSums, columns: 0..<vocabulary) }
    if let dx { x.gradient?.add(dx, on: backend) }
  }

  /// dLogits = weight / lossDenominator · (softmax − target distribution), of the chunks of a panel. In float32 logits that
  /// were kept become them in place.
  private func fillLogitGradients(_ panel: Range<Int>, in dLogits: [BatchElements]) {
    let pieces = pieces
    let isRounding = kept.isEmpty && backend.precision == .bfloat16
    backend.parallel(panel.count * pieces.count, scratch: isRounding ? pieceScratch : 0) { task in
      let chunk = panel.lowerBound + task / pieces.count
      let rows = pieces[task % pieces.count]
      let dRows = dLogits[task / pieces.count]
      if let logits = kept[chunk] {
        let values = logits.row(rows.lowerBound)
        replaceByGradients(values, chunk: chunk, rows: rows)
        if case .rounded(let tiles) = dRows {
          tiles.round(values, stride: chunkWidth, intoRow: rows.lowerBound, count: rows.count, on: backend)
        }
      } else {
        dRows.write(rows, on: backend) { values in
          computeLogits(chunk: chunk, rows: rows, into: values)
          replaceByGradients(values, chunk: chunk, rows: rows)
        }
      }
    }
  }

  private func replaceByGradients(_ logits: UnsafeMutablePointer<Float>, chunk: Int, rows: Range<Int>) {
    let width = entries(ofChunk: chunk).count
    for (index, row) in rows.enumerated() {
      let these = logits + index * chunkWidth
      let factor = Float(Double(targets.weights[row]) / targets.lossDenominator)
      backend.kernels.exponentials(these, width, logSums.pointer[row], factor)
      let target = Int(targets.ids[row]) - chunk * chunkWidth
      if targets.smoothing > 0 {
        backend.kernels.shift(these, -factor * targets.smoothing / Float(vocabulary), width)
      }
      if target >= 0 && target < width { these[target] -= factor * (1 - targets.smoothing) }
      // Products in bfloat16 read a chunk as a whole.
      (these + width).update(repeating: 0, count: chunkWidth - width)
    }
  }
}
