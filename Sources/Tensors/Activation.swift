import CKernels

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
  public var slopeTakesInput: Bool {
    switch self {
    case .gelu, .quickGELU, .silu: true
    case .relu, .tanh: false
    }
  }

  /// In what products in bfloat16 can end: the function, and its slope. There the slope of tanh takes what went in too.
  var epilogues: (function: capstan_epilogue, slope: capstan_epilogue)? {
    switch self {
    case .gelu: (CAPSTAN_GELU, CAPSTAN_GELU_SLOPE)
    case .relu: (CAPSTAN_RELU, CAPSTAN_RELU_SLOPE)
    case .tanh: (CAPSTAN_TANH, CAPSTAN_TANH_SLOPE)
    case .quickGELU, .silu: nil
    }
  }

  public var endsProducts: Bool { epilogues != nil }
}

extension Backend {
  /// y = f(x), element by element; y may be x.
  public func activate(_ x: Matrix, _ function: Activation, into y: Matrix) {
    let kernel =
      switch function {
      case .gelu: kernels.gelu
      case .quickGELU: kernels.quick_gelu
      case .silu: kernels.silu
      case .relu: kernels.relu
      case .tanh: kernels.tanh
      }
    inBlocks(of: y.count) { start, count in kernel?(y.pointer + start, x.pointer + start, count) }
  }

  /// dx = dy times the activation's slope; dx may be dy.
  /// - Parameter known: what ``Activation/slopeTakesInput`` tells.
  public func multiply(
    _ dy: Matrix, bySlopeOf function: Activation, at known: Matrix, into dx: Matrix
  ) {
    let kernel =
      switch function {
      case .gelu: kernels.gelu_gradient
      case .quickGELU: kernels.quick_gelu_gradient
      case .silu: kernels.silu_gradient
      case .relu: kernels.relu_gradient
      case .tanh: kernels.tanh_gradient
      }
    inBlocks(of: dx.count) { start, count in
      kernel?(dx.pointer + start, dy.pointer + start, known.pointer + start, count)
    }
  }
}
