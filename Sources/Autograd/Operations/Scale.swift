import Tensors

extension Tape {
  /// y = factor · x: token embeddings times the root of their width, in the transformer of self-critical training (Vaswani
  /// et al. 2017, section 3.4).
  public func scale(_ x: Variable, by factor: Float) -> Variable {
    let output = variable(scaled(x.value, by: factor), x.packing, requiresGradient: x.requiresGradient)
    record(output) { [self, sum = x.gradientSum] dy in sum?.add(scaled(dy, by: factor), on: backend) }
    return output
  }

  private func scaled(_ x: Matrix, by factor: Float) -> Matrix {
    let y = backend.matrix(x.rows, x.columns)
    backend.inBlocks(of: y.count) { start, count in
      (y.pointer + start).update(from: x.pointer + start, count: count)
      backend.kernels.scale(y.pointer + start, factor, count)
    }
    return y
  }
}
