import Tensors

/// By what layer normalisation divides.
public enum NormDeviation: Sendable {
  /// √(variance + ε), the variance that of all elements of a row, as `torch.nn.LayerNorm` has it.
  case population
  /// Deviation + ε, the deviation that of a sample, over one element less: what captioners that descend from “The
  /// Annotated Transformer” (Rush 2018) have, such as those of self-critical training and the object relation transformer.
  case sample
}

extension Tape {
  /// Layer normalisation of every row (Ba et al. 2016), for linear layers. x: [rows, width]; scale, shift: [width].
  public func layerNorm(
    _ x: Variable, scale: Parameter, shift: Parameter, epsilon: Float, deviation: NormDeviation = .population
  ) -> LinearInput {
    let width = x.width
    precondition(scale.count == width && shift.count == width, "\(scale.name) is as wide as what it scales")
    precondition(deviation == .population || width > 1, "a sample of one element has no deviation")
    let kernel = deviation == .population ? backend.kernels.layer_norm : backend.kernels.layer_norm_unbiased
    let y = backend.operands(rows: x.rows, columns: width)
    let mean = backend.matrix(1, x.rows)
    let inverseDeviation = backend.matrix(1, x.rows)
    backend.inRowBlocks(of: x.value) { rows in
      let first = rows.lowerBound
      y.write(rows, on: backend) { y in
        kernel?(
          y, mean.pointer + first, inverseDeviation.pointer + first, x.value.row(first), scale.value.pointer,
          shift.value.pointer, epsilon, rows.count, width)
      }
    }
    let (scaleGradient, shiftGradient) = (gradient(of: scale), gradient(of: shift))
    let isTrained = scaleGradient != nil || shiftGradient != nil
    let output = LinearInput(
      y, packing: x.packing, requiresGradient: isRecording && (x.requiresGradient || isTrained), on: backend)
    record(output.gradient?.sum, contributingTo: [scaleGradient, shiftGradient]) { [backend] dy in
      let dy = dy.matrix(on: backend)
      if isTrained {
        let sums = backend.laneSums(x.packing.lanes, count: 2 * width) { lane, sums in
          let rows = x.packing.rows(ofLane: lane)
          let first = rows.lowerBound
          backend.kernels.layer_norm_parameter_gradients(
            sums, sums + width, dy.row(first), x.value.row(first), mean.pointer + first,
            inverseDeviation.pointer + first, rows.count, width)
        }
        scaleGradient?.add(sums, columns: 0..<width)
        shiftGradient?.add(sums, columns: width..<2 * width)
      }
      x.gradientSum?.add(rows: x.rows, columns: width, on: backend) { gathered, sum in
        backend.inRowBlocks(of: sum) { rows in
          let first = rows.lowerBound
          switch deviation {
          case .population:
            backend.kernels.layer_norm_gradient(
              sum.row(first), gathered?.row(first), dy.row(first), x.value.row(first), mean.pointer + first,
              inverseDeviation.pointer + first, scale.value.pointer, rows.count, width)
          case .sample:
            backend.kernels.layer_norm_unbiased_gradient(
              sum.row(first), gathered?.row(first), dy.row(first), x.value.row(first), mean.pointer + first,
              inverseDeviation.pointer + first, scale.value.pointer, epsilon, rows.count, width)
          }
        }
      }
    }
    return output
  }
}
