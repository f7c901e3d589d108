import Tensors

extension Tape {
  /// Every row divided by the root of its mean square (Zhang and Sennrich 2019), as Llama normalises (Touvron et al. 2023,
  /// section 2.2). x: [rows, width]; scale: [width], or that of a head, each of which is then a row of its own, as Qwen3
  /// normalises queries and keys.
  public func rmsNorm(_ x: Variable, scale: Parameter, epsilon: Float) -> Variable {
    let width = scale.count
    precondition(x.width % width == 0, "\(scale.name) is as wide as what it scales")
    let heads = x.width / width
    let y = backend.matrix(x.rows, x.width)
    let inverseRoot = backend.matrix(x.rows, heads)
    backend.inRowBlocks(of: y) { rows in
      let first = rows.lowerBound
      backend.kernels.rms_norm(
        y.row(first), inverseRoot.row(first), x.value.row(first), scale.value.pointer, epsilon,
        rows.count * heads, width)
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
              sums, dy.row(first), x.value.row(first), inverseRoot.row(first), rows.count * heads, width)
          })
      }
      if x.requiresGradient {
        let dx = backend.matrix(x.rows, x.width)
        backend.inRowBlocks(of: dx) { rows in
          let first = rows.lowerBound
          backend.kernels.rms_norm_gradient(
            dx.row(first), dy.row(first), x.value.row(first), inverseRoot.row(first), scale.value.pointer,
            rows.count * heads, width)
        }
        x.addGradient(dx, on: backend)
      }
    }
    return output
  }
}
