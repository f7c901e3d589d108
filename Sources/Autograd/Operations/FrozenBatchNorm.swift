import Tensors

extension Tape {
  /// Batch normalisation in evaluation (Ioffe and Szegedy 2015, section 3.1): every channel by statistics that are given,
  /// which with scale and shift fold into one factor and one addend. For CLIP's ResNets (Radford et al. 2021, section 2.4).
  ///
  /// - Parameters:
  ///   - x: [rows, channels], a row for each place of each image.
  ///   - mean, variance, scale, shift: [channels], buffers all: nothing of it is trained.
  public func frozenBatchNorm(
    _ x: Variable, mean: Parameter, variance: Parameter, scale: Parameter, shift: Parameter, epsilon: Float
  ) -> Variable {
    let channels = x.width
    precondition(
      [mean, variance, scale, shift].allSatisfy { $0.count == channels && $0.isBuffer },
      "\(scale.name) has a number for each channel, and is a buffer")
    let factor = backend.matrix(1, channels)
    let addend = backend.matrix(1, channels)
    for channel in 0..<channels {
      let slope = scale.value.pointer[channel] / (variance.value.pointer[channel] + epsilon).squareRoot()
      factor.pointer[channel] = slope
      addend.pointer[channel] = shift.value.pointer[channel] - mean.value.pointer[channel] * slope
    }
    let y = backend.matrix(x.rows, channels)
    backend.inRowBlocks(of: y) { rows in
      backend.kernels.scale_columns(
        y.row(rows.lowerBound), x.value.row(rows.lowerBound), factor.pointer, addend.pointer, rows.count,
        channels)
    }
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient)
    record(output) { [backend, sum = x.gradientSum] dy in
      let dx = backend.matrix(dy.rows, channels)
      backend.inRowBlocks(of: dx) { rows in
        backend.kernels.scale_columns(
          dx.row(rows.lowerBound), dy.row(rows.lowerBound), factor.pointer, nil, rows.count, channels)
      }
      sum?.add(dx, on: backend)
    }
    return output
  }
}
