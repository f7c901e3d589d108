import CKernels
import Tensors

extension Tape {
  /// Inverted dropout (Srivastava et al. 2014); the identity on a tape without a ``DropoutKey``.
  public func dropout(_ x: Variable, probability: Float) -> Variable {
    guard let site = nextDropout(probability) else { return x }
    let y = dropped(x.value, x.packing, site)
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient)
    record(output) { [self, packing = x.packing, sum = x.gradientSum] dy in
      sum?.add(dropped(dy, packing, site), on: backend)
    }
    return output
  }

  /// The matrix under the site's mask, which forward and backward share because it is drawn by counters.
  private func dropped(_ x: Matrix, _ packing: Packing, _ site: capstan_dropout) -> Matrix {
    let y = backend.matrix(x.rows, x.columns)
    backend.pool.parallel(packing.sequences) { sequence in
      var mask = site
      mask.sample = packing.samples[sequence]
      let rows = packing.rows(ofSequence: sequence)
      backend.kernels.dropout(
        y.row(rows.lowerBound), x.row(rows.lowerBound), rows.count * x.columns, &mask)
    }
    return y
  }
}
