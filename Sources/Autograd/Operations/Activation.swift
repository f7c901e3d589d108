import Tensors

extension Tape {
  /// y = f(x), element by element. Where a linear layer makes x, and others take y, that layer ends in the function.
  public func activate(_ x: Variable, _ function: Activation) -> Variable {
    let y = backend.matrix(x.rows, x.width)
    backend.activate(x.value, function, into: y)
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient)
    let known = function.slopeTakesInput ? x.value : y
    record(output) { [backend, sum = x.gradientSum] dy in
      let dx = backend.matrix(dy.rows, dy.columns)
      backend.multiply(dy, bySlopeOf: function, at: known, into: dx)
      sum?.add(dx, on: backend)
    }
    return output
  }
}
