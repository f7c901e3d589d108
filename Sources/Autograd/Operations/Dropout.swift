import CKernels
import Tensors

extension Tape {
  /// Inverted dropout (Srivastava et al. 2014); the identity on a tape without a ``DropoutKey``.
  public func dropout(_ x: Variable, probability: Float) -> Variable {
    guard let site = nextDropout(probability) else { return x }
    let y = backend.matrix(x.rows, x.width)
    backend.drop(x.value, x.packing, site, into: .exact(y))
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient)
    record(output) { [backend, packing = x.packing, sum = x.gradientSum] dy in
      let dx = backend.matrix(dy.rows, dy.columns)
      backend.drop(dy, packing, site, into: .exact(dx))
      sum?.add(dx, on: backend)
    }
    return output
  }
}

extension Backend {
  /// Calls `body` for the rows of every sequence, in parallel, with the site's mask for it. Forward and backward share
  /// masks because they are drawn by counters.
  func drop(
    _ packing: Packing, _ site: capstan_dropout,
    _ body: (_ rows: Range<Int>, _ mask: UnsafePointer<capstan_dropout>) -> Void
  ) {
    pool.parallel(packing.sequences) { sequence in
      var mask = site
      mask.sample = packing.samples[sequence]
      body(packing.rows(ofSequence: sequence), &mask)
    }
  }

  /// y = x under the site's mask.
  func drop(_ x: Matrix, _ packing: Packing, _ site: capstan_dropout, into y: BatchElements) {
    drop(packing, site) { rows, mask in
      y.write(rows, on: self) {
        kernels.dropout($0, nil, x.row(rows.lowerBound), rows.count * x.columns, mask)
      }
    }
  }

  /// A gradient under the site's mask, as products take it.
  func dropped(_ dy: BatchElements, _ packing: Packing, _ site: capstan_dropout) -> BatchElements {
    let dropped = operands(rows: dy.rows, columns: dy.columns)
    drop(dy.matrix(on: self), packing, site, into: dropped)
    return dropped
  }
}
