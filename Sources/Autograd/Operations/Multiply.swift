import Tensors

extension Tape {
  /// y = a · b, element by element: a gate, as in Llama's feed-forward (Shazeer 2020).
  public func multiply(_ a: Variable, _ b: Variable) -> Variable {
    precondition(
      a.rows == b.rows && a.width == b.width, "what is multiplied element by element has one shape")
    let y = product(a.value, b.value)
    let output = variable(y, a.packing, requiresGradient: a.requiresGradient || b.requiresGradient)
    // Each operand is kept for the other's gradient alone.
    let (forB, forA) = (b.requiresGradient ? a.value : nil, a.requiresGradient ? b.value : nil)
    record(output) { [self, sums = (a.gradientSum, b.gradientSum)] dy in
      if let forA { sums.0?.add(product(dy, forA), on: backend) }
      if let forB { sums.1?.add(product(dy, forB), on: backend) }
    }
    return output
  }

  private func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    let y = backend.matrix(a.rows, a.columns)
    backend.inBlocks(of: y.count) { start, count in
      backend.kernels.product(y.pointer + start, a.pointer + start, b.pointer + start, count)
    }
    return y
  }
}
