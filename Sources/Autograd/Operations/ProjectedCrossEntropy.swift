import Foundation
import Tensors

/// What a row should predict, and how much that counts.
public struct Targets: Sendable {
  /// One token for each row.
  public let ids: [Int32]
  /// One weight for each row; rows of weight zero are predicted but not counted.
  public let weights: [Float]
  /// The sum of the weights over the *global* batch, by which the loss is divided.
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
/// Bytes of logit gradients that the caches hold until products take them.
private let cachedBytes = 8 << 20

extension Tape {
  /// Cross-entropy of the projection of every row onto the vocabulary, logits = x · tableᵀ, in chunks of the
  /// vocabulary: the logits of a large batch never exist as a whole.
  ///
  /// - Parameters:
  ///   - x: [rows, width], rows that have a target only.
  ///   - table: [vocabulary, width]; GPT-2 ties it to the token embeddings.
  /// - Returns: each lane's sum of weight · −log p(target), not yet divided by the normalizer.
  public func projectedCrossEntropy(_ x: Variable, table: Parameter, targets: Targets) -> [Double] {
    let loss = ProjectedCrossEntropy(x: x, table: table, targets: targets, backend: backend)
    let lanes = loss.forward(keepingLogits: isRecording)
    recordLoss(writing: [table]) { loss.backward() }
    return lanes
  }

  /// The logits themselves, [rows, vocabulary]: for captioning and for tests.
  public func logits(_ x: Variable, table: Parameter) -> Matrix {
    let logits = backend.matrix(x.rows, table.value.rows)
    backend.multiply(x, Factor(table, .outputsByInputs), into: logits, columnBlock: columnBlock)
    return logits
  }
}

private final class ProjectedCrossEntropy {
  let x: Variable
  let table: Parameter
  let targets: Targets
  let backend: Backend
  let chunks: Int
  /// log Σ exp of every row's logits.
  let logSums: Matrix
  /// [chunks · rows, chunkWidth]: the first chunk's rows, the second's, … or nil when they are too many to keep.
  var kept: Matrix?

  var vocabulary: Int { table.value.rows }
  var lanes: Int { x.packing.lanes }

  init(x: Variable, table: Parameter, targets: Targets, backend: Backend) {
    self.x = x
    self.table = table
    self.targets = targets
    self.backend = backend
    chunks = (table.value.rows + chunkWidth - 1) / chunkWidth
    logSums = backend.matrix(1, x.rows)
  }

  private func width(ofChunk chunk: Int) -> Int { min(chunkWidth, vocabulary - chunk * chunkWidth) }

  /// The logits of one lane's rows over one chunk. logits: [lane rows, chunkWidth]
  private func computeLogits(chunk: Int, rows: Range<Int>, into logits: UnsafeMutablePointer<Float>) {
    if let table = table.packed?.transposed {
      let first = chunk * chunkWidth
      backend.multiply(
        x.rounded(on: backend), rows: rows, table, columns: first..<first + width(ofChunk: chunk),
        into: logits, stride: chunkWidth)
      return
    }
    multiply(
      x.value.operand(fromRow: rows.lowerBound), table.value.operand(fromRow: chunk * chunkWidth).transposed,
      into: logits, stride: chunkWidth, rows: rows.count, columns: width(ofChunk: chunk), inner: x.width)
  }

  func forward(keepingLogits: Bool) -> [Double] {
    let bytes = chunks * x.rows * chunkWidth * MemoryLayout<Float>.stride
    kept = keepingLogits && bytes <= keptBytes ? backend.matrix(chunks * x.rows, chunkWidth) : nil
    let largest = backend.matrix(chunks, x.rows)
    let sums = backend.matrix(chunks, x.rows)
    let targetLogits = backend.matrix(1, x.rows)
    // Made here, because tasks share it.
    if table.packed != nil { _ = x.rounded(on: backend) }
    backend.pool.parallel(chunks * lanes) { task in
      let chunk = task / lanes
      let rows = x.packing.rows(ofLane: task % lanes)
      func summarize(_ logits: UnsafeMutablePointer<Float>) {
        computeLogits(chunk: chunk, rows: rows, into: logits)
        let width = width(ofChunk: chunk)
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
        let top = (0..<chunks).map { largest.row($0)[row] }.reduce(-.infinity) { Swift.max($0, $1) }
        let sum = (0..<chunks).reduce(0.0) {
          $0 + Double(sums.row($1)[row]) * exp(Double(largest.row($1)[row] - top))
        }
        let logSum = Double(top) + log(sum)
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
    let packedX = table.packed == nil || table.gradient == nil ? nil : backend.packedLanes(x.value, x.packing)
    var first = 0
    while first < chunks {
      let these = first..<min(chunks, first + chunksOfPanel)
      let dLogits =
        kept.map { $0.rows(from: these.lowerBound * x.rows, count: these.count * x.rows) }
        ?? backend.matrix(these.count * x.rows, chunkWidth)
      fillLogitGradients(these, in: dLogits)
      if table.packed == nil {
        if let dx { addInputGradient(these, dLogits, to: dx) }
        if let gradient = table.gradient { fillTableGradient(these, dLogits, into: gradient) }
      } else {
        if let dx { addRoundedInputGradient(these, dLogits, to: dx) }
        if let gradient = table.gradient, let packedX {
          fillRoundedTableGradient(these, dLogits, packedX, into: gradient)
        }
      }
      first = these.upperBound
    }
    kept = nil
    if let dx { x.addGradient(dx, on: backend) }
  }

  /// Chunks whose logit gradients exist at a time: as many as are kept or, in bfloat16, as stay in the caches until
  /// they are rounded.
  private var chunksOfPanel: Int {
    let bytes = max(1, x.rows * chunkWidth * MemoryLayout<Float>.stride)
    return max(1, (table.packed == nil ? keptBytes : cachedBytes) / bytes)
  }

  /// dx += dLogits · table, chunk after chunk.
  private func addRoundedInputGradient(_ panel: Range<Int>, _ dLogits: Matrix, to dx: Matrix) {
    guard let table = table.packed?.straight else { return }
    let rounded = backend.rounded(dLogits)
    let (height, width) = (256, 128)
    let down = (x.rows + height - 1) / height
    let across = (x.width + width - 1) / width
    backend.pool.parallel(down * across) { task in
      let (row, column) = (task % down * height, task / down * width)
      for chunk in panel {
        let start = (chunk - panel.lowerBound) * x.rows
        let inner = chunk * chunkWidth
        backend.multiply(
          rounded, rows: start + row..<start + min(x.rows, row + height), table,
          columns: column..<min(x.width, column + width), inner: inner..<inner + self.width(ofChunk: chunk),
          into: dx.row(row) + column, stride: x.width, accumulate: true)
      }
    }
  }

  /// The table's rows of these chunks: the sum over lanes of dLogitsᵀ · x.
  private func fillRoundedTableGradient(
    _ panel: Range<Int>, _ dLogits: Matrix, _ x: PackedPairs, into gradient: Matrix
  ) {
    for chunk in panel {
      let rows = dLogits.rows(from: (chunk - panel.lowerBound) * self.x.rows, count: self.x.rows)
      backend.multiplyOverLanes(
        backend.packedLanes(rows, self.x.packing), x,
        into: gradient.rows(from: chunk * chunkWidth, count: width(ofChunk: chunk)))
    }
  }

  /// dLogits = weight / normalizer · (softmax − one-hot), from the logits in place.
  private func fillLogitGradients(_ panel: Range<Int>, in dLogits: Matrix) {
    let isKept = kept != nil
    backend.pool.parallel(panel.count * lanes) { task in
      let chunk = panel.lowerBound + task / lanes
      let rows = x.packing.rows(ofLane: task % lanes)
      let values = dLogits.row(task / lanes * x.rows + rows.lowerBound)
      if !isKept { computeLogits(chunk: chunk, rows: rows, into: values) }
      let width = width(ofChunk: chunk)
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

  /// dx += dLogits · table, chunk after chunk.
  private func addInputGradient(_ panel: Range<Int>, _ dLogits: Matrix, to dx: Matrix) {
    let block = 256
    let blocks = (x.width + block - 1) / block
    backend.pool.parallel(lanes * blocks) { task in
      let rows = x.packing.rows(ofLane: task / blocks)
      let column = task % blocks * block
      for chunk in panel {
        multiply(
          dLogits.operand(fromRow: (chunk - panel.lowerBound) * x.rows + rows.lowerBound),
          table.value.operand(fromRow: chunk * chunkWidth).from(row: 0, column: column),
          into: dx.row(rows.lowerBound) + column, stride: x.width, rows: rows.count,
          columns: min(block, x.width - column), inner: width(ofChunk: chunk), accumulate: true)
      }
    }
  }

  /// The table's rows of these chunks: the sum over lanes of dLogitsᵀ · x.
  private func fillTableGradient(_ panel: Range<Int>, _ dLogits: Matrix, into gradient: Matrix) {
    for chunk in panel {
      backend.multiplyOverLanes(
        dLogits.rows(from: (chunk - panel.lowerBound) * x.rows, count: x.rows), x.value,
        into: gradient.rows(from: chunk * chunkWidth, count: width(ofChunk: chunk)), lanes: x.packing)
    }
  }
}
