import Tensors

extension Tape {
  /// y = x · W + b. x: [rows, inputs], b: [outputs], y: [rows, outputs].
  public func linear(
    _ x: Variable, weight: Parameter, bias: Parameter? = nil, layout: WeightLayout
  ) -> Variable {
    let factor = Factor(weight, layout)
    let inputs = x.width
    precondition(factor.rows.count == inputs, "\(weight.name) takes as many inputs as there are")
    let outputs = layout == .inputsByOutputs ? weight.value.columns : weight.value.rows
    let y = backend.matrix(x.rows, outputs)
    backend.multiply(x.batchRows(on: backend), factor, into: y, bias: bias?.value, columnBlock: columnBlock)

    let isTrained = weight.gradient != nil || bias?.gradient != nil
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient || isTrained)
    // A frozen weight has no use for what went in.
    let input = weight.gradient == nil ? nil : x.batchRows(on: backend)
    record(output, writing: [weight] + (bias.map { [$0] } ?? [])) {
      [backend, columnBlock, packing = x.packing, sum = x.gradientSum] dy in
      let slopes = BatchRows(dy, packing, on: backend)
      if let sum {
        let dx = backend.matrix(dy.rows, inputs)
        backend.multiply(slopes, factor.transposed, into: dx, columnBlock: columnBlock)
        sum.add(dx, on: backend)
      }
      if let gradient = weight.gradient, let input {
        let (a, b) = layout == .inputsByOutputs ? (input, slopes) : (slopes, input)
        backend.multiplyOverLanes(a, b, into: gradient)
      }
      if let gradient = bias?.gradient {
        backend.sumOverLanes(packing.lanes, count: outputs, into: gradient.pointer) { lane, sums in
          let rows = packing.rows(ofLane: lane)
          backend.kernels.column_sums(sums, dy.row(rows.lowerBound), rows.count, outputs, outputs)
        }
      }
    }
    return output
  }
}
