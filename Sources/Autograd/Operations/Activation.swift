import Tensors

/// A function of one element.
public enum Activation: Sendable {
  /// GELU in its tanh form, Hugging Face's `gelu_new` (Hendrycks and Gimpel 2016, section 2).
  case gelu
  /// x · sigmoid(1.702 x), by which CLIP approximates GELU (Hendrycks and Gimpel 2016, section 2).
  case quickGELU
  /// x · sigmoid(x) (Elfwing et al. 2017), the gate of Llama's feed-forward.
  case silu
  case relu
  case tanh

  /// Whether the slope is computed from what went in, or from what came out.
  var slopeTakesInput: Bool {
    switch self {
    case .gelu, .quickGELU, .silu: true
    case .relu, .tanh: false
    }
  }
}

extension Tape {
  /// y = f(x), element by element.
  public func activate(_ x: Variable, _ function: Activation) -> Variable {
    let kernels = backend.kernels
    let (forward, gradient) =
      switch function {
      case .gelu: (kernels.gelu, kernels.gelu_gradient)
      case .quickGELU: (kernels.quick_gelu, kernels.quick_gelu_gradient)
      case .silu: (kernels.silu, kernels.silu_gradient)
      case .relu: (kernels.relu, kernels.relu_gradient)
      case .tanh: (kernels.tanh, kernels.tanh_gradient)
      }
    let y = backend.matrix(x.rows, x.width)
    backend.inBlocks(of: y.count) { start, count in
      forward?(y.pointer + start, x.value.pointer + start, count)
    }
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient)
    let sum = x.gradientSum
    let known = function.slopeTakesInput ? x.value : y
    record(output) { [backend] dy in
      let dx = backend.matrix(dy.rows, dy.columns)
      backend.inBlocks(of: dx.count) { start, count in
        gradient?(dx.pointer + start, dy.pointer + start, known.pointer + start, count)
      }
      sum?.add(dx, on: backend)
    }
    return output
  }
}
