import Tensors

extension Tape {
  /// The rows `indices` of x, in that order and packed anew; every index occurs at most once.
  public func gatherRows(_ x: Variable, _ indices: [Int], packing: Packing) -> Variable {
    precondition(areDistinctRows(indices, of: x.rows), "rows of the matrix are selected at most once each")
    let y = backend.matrix(indices.count, x.width)
    for (row, index) in indices.enumerated() { y.row(row).update(from: x.value.row(index), count: x.width) }
    let output = variable(y, packing, requiresGradient: x.requiresGradient)
    record(output) { [backend, rows = x.rows, sum = x.gradientSum] dy in
      let dx = backend.zeros(rows, dy.columns)
      for (row, index) in indices.enumerated() { dx.row(index).update(from: dy.row(row), count: dy.columns) }
      sum?.add(dx, on: backend)
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
    for sequence in 0..<packing.sequences {
      let from = x.packing.rows(ofSequence: sequence)
      let to = packing.rows(ofSequence: sequence).lowerBound
      y.row(to).update(from: x.value.row(from.lowerBound), count: from.count * width)
      y.row(to + from.count).update(from: constant.value.pointer, count: extra * width)
    }
    let output = variable(y, packing, requiresGradient: x.requiresGradient || constant.gradient != nil)
    record(output, writing: [constant]) { [backend, inner = x.packing, sum = x.gradientSum] dy in
      if let sum {
        let dx = backend.matrix(inner.rows, width)
        for sequence in 0..<packing.sequences {
          let to = inner.rows(ofSequence: sequence)
          let from = packing.rows(ofSequence: sequence).lowerBound
          dx.row(to.lowerBound).update(from: dy.row(from), count: to.count * width)
        }
        sum.add(dx, on: backend)
      }
      if let gradient = constant.gradient {
        backend.reduceLanes(packing.lanes, count: extra * width, into: gradient.pointer) { lane, sums in
          sums.update(repeating: 0, count: extra * width)
          for sequence in packing.laneSequences[lane]..<packing.laneSequences[lane + 1] {
            let end = packing.rows(ofSequence: sequence).upperBound
            backend.kernels.add(sums, sums, dy.row(end - extra), extra * width)
          }
        }
      }
    }
    return output
  }
}

/// Whether all are rows of a matrix of so many, and none occurs twice: what makes copying back their gradients right.
func areDistinctRows(_ indices: [Int], of rows: Int) -> Bool {
  var isFree = [Bool](repeating: true, count: rows)
  for index in indices {
    guard isFree.indices.contains(index), isFree[index] else { return false }
    isFree[index] = false
  }
  return true
}
