import CKernels
import Tensors
import Testing

@Suite struct AdamWTests {
  static func options(
    step: Double, decayAfterUpdate: Bool, clipValue: Float = .infinity
  ) -> capstan_adamw {
    let (beta1, beta2) = (0.9, 0.999)
    var (power1, power2) = (1.0, 1.0)
    for _ in 0..<Int(step) { (power1, power2) = (power1 * beta1, power2 * beta2) }
    return capstan_adamw(
      learning_rate: 2e-3, beta1: Float(beta1), beta2: Float(beta2), epsilon: 1e-8, weight_decay: 0.01,
      one_minus_beta1: Float(1 - beta1), one_minus_beta2: Float(1 - beta2),
      bias_correction1: Float(1 - power1), bias_correction2: Float(1 - power2), gradient_scale: 0.7,
      clip_value: clipValue,
      decay_after_update: decayAfterUpdate)
  }

  /// Loshchilov and Hutter 2019, algorithm 2; or, with decay after the update, as transformers 4.3 has it.
  static func reference(
    _ p: Rounded, _ m: Rounded, _ v: Rounded, _ gradient: Rounded, _ o: capstan_adamw
  ) -> (Rounded, Rounded, Rounded) {
    let rate = Rounded(o.learning_rate), decay = Rounded(o.weight_decay), epsilon = Rounded(o.epsilon)
    let scaled = gradient * Rounded(o.gradient_scale)
    let g =
      abs(scaled.value) > Double(o.clip_value)
      ? Rounded(scaled.value < 0 ? -o.clip_value : o.clip_value) : scaled
    let m = Rounded(o.beta1) * m + Rounded(o.one_minus_beta1) * g
    let v = Rounded(o.beta2) * v + Rounded(o.one_minus_beta2) * g * g
    let correction = Rounded(o.bias_correction2).squareRoot()
    if o.decay_after_update {
      let updated = p - rate * correction / Rounded(o.bias_correction1) * m / (v.squareRoot() + epsilon)
      return (updated - rate * decay * updated, m, v)
    }
    let decayed = p * (Rounded(1) - rate * decay)
    let update = rate / Rounded(o.bias_correction1) * m / (v.squareRoot() / correction + epsilon)
    return (decayed - update, m, v)
  }

  static let cases = Philox.lengths.flatMap { count in
    [
      (1, false, .infinity), (1000, false, .infinity), (1, true, .infinity), (1000, true, .infinity),
      (1000, false, 0.25),
    ].map { (step: Double, decayAfterUpdate: Bool, clipValue: Float) in
      var random = Philox(seed: UInt64(count), stream: "adamw")
      let p = random.input(count), m = random.input(count, extremes: [0])
      let v = Input(random.input(count, extremes: [0, 1e-16]).floats.map(abs))
      let g = random.input(count, extremes: [0, 1e5, -1e5])
      let options = options(step: step, decayAfterUpdate: decayAfterUpdate, clipValue: clipValue)
      let (ps, ms, vs, gs) = (p.exact, m.exact, v.exact, g.exact)
      let updates = (0..<count).map { reference(ps[$0], ms[$0], vs[$0], gs[$0], options) }
      return KernelCase(
        "adamw \(count), step \(step), decay after update \(decayAfterUpdate), clipped at \(clipValue)",
        [
          Output(updates.map(\.0), over: p.floats), Output(updates.map(\.1), over: m.floats),
          Output(updates.map(\.2), over: v.floats),
        ]
      ) {
        var options = options
        $0.adamw($1[0], $1[1], $1[2], g.pointer, count, &options)
      }
    }
  }

  @Test(arguments: cases)
  func isTheFormula(kernel: KernelCase) { kernel.check() }
}
