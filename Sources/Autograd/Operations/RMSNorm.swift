import Tensors

extension Tape {
  /// Every row divided by the root of its mean square (Zhang and Sennrich 2019), as Llama normalises (Touvron et al. 2023,
  /// section 2.2). x: [rows, width]; scale: [width].
  public func rmsNorm(_ x: Variable, scale: Parameter, epsilon: Float) -> Variable {
    let width = x.width
    precondition(scale.count == width, "\(scale.name) is as wide as what it scales")
    let y = backend.matrix(x.rows, width)
    let inverseRoot = backend.matrix(1, x.rows)
    backend.inRowBlocks(of: y) { rows in
      let first = rows.lowerBound
      backend.kernels.rms_norm(
        y.row(first), inverseRoot.pointer + first, x.value.row(first), scale.value.pointer, epsilon,
        rows.count,
        width)
    }
    let scaleGradient = gradient(of: scale)
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient || scaleGradient != nil)
    record(output, contributingTo: [scaleGradient]) { [backend] dy in
      if let scaleGradient {
        scaleGradient.add(
          backend.laneSums(x.packing.lanes, count: width) { lane, sums in
            let rows = x.packing.rows(ofLane: lane)
            let first = rows.lowerBound
            backend.kernels.rms_norm_parameter_gradient(
              sums, dy.row(first), x.value.row(first), inverseRoot.pointer + first, rows.count, width)
          })
      }
      if x.requiresGradient {
        let dx = backend.matrix(x.rows, width)
        backend.inRowBlocks(of: dx) { rows in
          let first = rows.lowerBound
          backend.kernels.rms_norm_gradient(
            dx.row(first), dy.row(first), x.value.row(first), inverseRoot.pointer + first,
            scale.value.pointer,
            rows.count, width)
        }
        x.addGradient(dx, on: backend)
      }
    }
    return output
  }
}
