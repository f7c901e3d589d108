import Tensors

extension Tape {
  /// Layer normalisation of every row (Ba et al. 2016). x: [rows, width]; scale, shift: [width].
  public func layerNorm(_ x: Variable, scale: Parameter, shift: Parameter, epsilon: Float) -> Variable {
    let width = x.width
    precondition(scale.count == width && shift.count == width, "\(scale.name) is as wide as what it scales")
    let y = backend.matrix(x.rows, width)
    let mean = backend.matrix(1, x.rows)
    let inverseDeviation = backend.matrix(1, x.rows)
    backend.inRowBlocks(of: y) { rows in
      let first = rows.lowerBound
      backend.kernels.layer_norm(
        y.row(first), mean.pointer + first, inverseDeviation.pointer + first, x.value.row(first),
        scale.value.pointer, shift.value.pointer, epsilon, rows.count, width)
    }
    let isTrained = scale.gradient != nil || shift.gradient != nil
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient || isTrained)
    record(output, writing: [scale, shift]) { [backend] dy in
      if let dScale = scale.gradient, let dShift = shift.gradient {
        let sums = backend.matrix(2, width)
        backend.sumOverLanes(x.packing.lanes, count: 2 * width, into: sums.pointer) { lane, partial in
          let rows = x.packing.rows(ofLane: lane)
          let first = rows.lowerBound
          backend.kernels.layer_norm_parameter_gradients(
            partial, partial + width, dy.row(first), x.value.row(first), mean.pointer + first,
            inverseDeviation.pointer + first, rows.count, width)
        }
        dScale.pointer.update(from: sums.row(0), count: width)
        dShift.pointer.update(from: sums.row(1), count: width)
      }
      if x.requiresGradient {
        let dx = backend.matrix(x.rows, width)
        backend.inRowBlocks(of: dx) { rows in
          let first = rows.lowerBound
          backend.kernels.layer_norm_gradient(
            dx.row(first), dy.row(first), x.value.row(first), mean.pointer + first,
            inverseDeviation.pointer + first, scale.value.pointer, rows.count, width)
        }
        x.addGradient(dx, on: backend)
      }
    }
    return output
  }
}
