import Tensors

extension Tape {
  /// The rows `indices` of x, in that order and packed anew. An index may occur several times, as an image's row does for
  /// several samples of its caption.
  public func gatherRows(_ x: Variable, _ indices: [Int], packing: Packing) -> Variable {
    precondition(indices.allSatisfy((0..<x.rows).contains), "each index is of a row")
    let output = variable(
      backend.gather(indices, of: x.value), packing, requiresGradient: x.requiresGradient)
    record(output) { [backend, rows = x.rows, sum = x.gradientSum] dy in
      sum?.add(backend.scatter(dy, to: indices, of: rows), on: backend)
    }
    return output
  }

  /// Rows cut into equal pieces: [rows, pieces · width] as [rows · pieces, width].
  public func unfoldRows(_ x: Variable, pieces: Int) -> Variable {
    let lengths = (0..<x.packing.sequences).map { x.packing.rows(ofSequence: $0).count * pieces }
    let y = x.value.reshaped(rows: x.rows * pieces, columns: x.width / pieces)
    let output = variable(y, x.packing.with(lengths: lengths), requiresGradient: x.requiresGradient)
    record(output) { [backend, rows = x.rows, width = x.width, sum = x.gradientSum] dy in
      sum?.add(dy.reshaped(rows: rows, columns: width), on: backend)
    }
    return output
  }

  /// Puts the rows of a learned constant behind those of every sequence. constant: [count, width].
  public func appendConstantRows(_ x: Variable, _ constant: Parameter) -> Variable {
    let width = x.width
    let extra = constant.value.rows
    let packing = x.packing.with(
      lengths: (0..<x.packing.sequences).map { x.packing.rows(ofSequence: $0).count + extra })
    let y = backend.matrix(packing.rows, width)
    backend.pool.parallel(packing.sequences) { sequence in
      let from = x.packing.rows(ofSequence: sequence)
      let to = packing.rows(ofSequence: sequence).lowerBound
      y.row(to).update(from: x.value.row(from.lowerBound), count: from.count * width)
      y.row(to + from.count).update(from: constant.value.pointer, count: extra * width)
    }
    let constantGradient = gradient(of: constant)
    let output = variable(y, packing, requiresGradient: x.requiresGradient || constantGradient != nil)
    record(output, contributingTo: [constantGradient]) {
      [backend, inner = x.packing, sum = x.gradientSum] dy in
      if let sum {
        let dx = backend.matrix(inner.rows, width)
        backend.pool.parallel(packing.sequences) { sequence in
          let to = inner.rows(ofSequence: sequence)
          let from = packing.rows(ofSequence: sequence).lowerBound
          dx.row(to.lowerBound).update(from: dy.row(from), count: to.count * width)
        }
        sum.add(dx, on: backend)
      }
      if let constantGradient {
        constantGradient.add(
          backend.laneSums(packing.lanes, count: extra * width) { lane, sums in
            sums.update(repeating: 0, count: extra * width)
            for sequence in packing.laneSequences[lane]..<packing.laneSequences[lane + 1] {
              let end = packing.rows(ofSequence: sequence).upperBound
              backend.kernels.add(sums, sums, dy.row(end - extra), extra * width)
            }
          })
      }
    }
    return output
  }
}

extension Backend {
  /// The rows `indices` of x, one under the other.
  func gather(_ indices: [Int], of x: Matrix) -> Matrix {
    let y = matrix(indices.count, x.columns)
    inRowBlocks(of: y) { rows in
      for row in rows { y.row(row).update(from: x.row(indices[row]), count: x.columns) }
    }
    return y
  }

  /// [count, width]: to row `indices[i]` row i of x is added, in order; zeros elsewhere. A nil index is of no row.
  func scatter(_ x: Matrix, to indices: [Int?], of count: Int) -> Matrix {
    let y = zeros(count, x.columns)
    // Tasks have columns of their own, so that all add rows in order.
    let width = 256
    pool.parallel((x.columns + width - 1) / width) { task in
      let column = task * width
      let columns = min(width, x.columns - column)
      var isWritten = [Bool](repeating: false, count: count)
      for (row, index) in indices.enumerated() {
        guard let index else { continue }
        let (sum, addend) = (y.row(index) + column, x.row(row) + column)
        if isWritten[index] {
          kernels.add(sum, sum, addend, columns)
        } else {
          sum.update(from: addend, count: columns)
          isWritten[index] = true
        }
      }
    }
    return y
  }
}
