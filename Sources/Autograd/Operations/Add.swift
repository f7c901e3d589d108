import Tensors

extension Tape {
  /// y = a + b: a residual connection.
  public func add(_ a: Variable, _ b: Variable) -> Variable {
    let y = backend.matrix(a.rows, a.width)
    backend.add(a.value, b.value, into: y)
    let output = variable(y, a.packing, requiresGradient: a.requiresGradient || b.requiresGradient)
    record(output) { [backend, sums = [a.gradientSum, b.gradientSum]] dy in
      for sum in sums { sum?.add(dy, on: backend) }
    }
    return output
  }
}
