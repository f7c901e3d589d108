import Tensors

extension Tape {
  /// Every row of x with the one row that y has for the row's sequence behind it: what is merged with each word.
  ///
  /// - Parameters:
  ///   - x: [rows, width].
  ///   - y: [sequences of x, other width].
  /// - Returns: [rows, width + other width].
  public func concatenated(_ x: Variable, withRowOfSequence y: Variable) -> Variable {
    let packing = x.packing
    precondition(y.rows == packing.sequences, "each sequence has a row to be put behind its own")
    let (width, other) = (x.width, y.width)
    let z = backend.matrix(x.rows, width + other)
    backend.pool.parallel(packing.sequences) { sequence in
      for row in packing.rows(ofSequence: sequence) {
        z.row(row).update(from: x.value.row(row), count: width)
        (z.row(row) + width).update(from: y.value.row(sequence), count: other)
      }
    }
    let output = variable(z, packing, requiresGradient: x.requiresGradient || y.requiresGradient)
    record(output) { [backend, xSum = x.gradientSum, ySum = y.gradientSum] dz in
      if let xSum {
        let dx = backend.matrix(packing.rows, width)
        backend.inRowBlocks(of: dx) { rows in
          for row in rows { dx.row(row).update(from: dz.row(row), count: width) }
        }
        xSum.add(dx, on: backend)
      }
      if let ySum {
        let dy = backend.zeros(packing.sequences, other)
        backend.pool.parallel(packing.sequences) { sequence in
          let sum = dy.row(sequence)
          for row in packing.rows(ofSequence: sequence) {
            backend.kernels.add(sum, sum, dz.row(row) + width, other)
          }
        }
        ySum.add(dy, on: backend)
      }
    }
    return output
  }
}
