import CKernels
import Tensors
import Testing

@Suite struct SoftmaxTests {
  static let normalisers = (Philox.lengths + [50_257]).flatMap { count in
    [[], [1e4, -1e4], [3e38, -3e38], tinyNumbers].map { (extremes: [Float]) in
      var random = Philox(seed: UInt64(count), stream: "log sum exp")
      let x = random.input(count, spread: 5, extremes: extremes)
      let top = x.floats.max() ?? .nan
      let total = Rounded.sum(x.exact.map { ($0 - Rounded(top)).exponential() })
      return KernelCase("log sum exp \(count) with \(extremes)", [Output([Rounded(top)]), Output([total])]) {
        $0.log_sum_exp(x.pointer, count, $1[0], $1[1])
      }
    }
  }

  static let powers = Philox.lengths.map { count in
    var random = Philox(seed: UInt64(count), stream: "exponentials")
    let x = random.input(count, spread: 20, extremes: tinyNumbers + [85, -80, -1e4])
    let (shift, factor): (Float, Float) = (1.5, 0.25)
    let expected = x.exact.map { ($0 - Rounded(shift)).exponential() * Rounded(factor) }
    return KernelCase("exponentials \(count)", [Output(expected, over: x.floats)]) {
      $0.exponentials($1[0], count, shift, factor)
    }
  }

  @Test(arguments: normalisers + powers)
  func isTheFormula(kernel: KernelCase) { kernel.check() }
}
