import CKernels
import Tensors
import Testing

@Suite struct DropoutTests {
  static let cases = (Philox.lengths + [63, 64, 65]).flatMap { (count: Int) in
    [0.1, 0.9, 0].map { (probability: Float) in
      var random = Philox(seed: UInt64(count), stream: "dropout")
      let x = random.input(count, extremes: tinyNumbers + [1e37])
      let mask = capstan_dropout(
        seed: random.next(), step: 7, sample: 5, site: UInt32(count), probability: probability)
      let kept = mask.factors(0..<count)
      let addend = random.input(count, extremes: tinyNumbers)
      let dropped = zip(x.exact, kept).map { $0 * $1 }
      return KernelCase(
        "dropout \(count) p=\(probability)",
        [Output(dropped), Output(zip(addend.exact, dropped).map { $0 + $1 }, over: x.floats)]
      ) { [mask] in
        var mask = mask
        $0.dropout($1[0], nil, x.pointer, count, &mask)
        $0.dropout($1[1], addend.pointer, $1[1], count, &mask)
      }
    }
  }

  @Test(arguments: cases)
  func masksByCounter(kernel: KernelCase) { kernel.check() }
}

extension capstan_dropout {
  /// What elements are multiplied by, from the scalar generator: 0, or 1 / (1 - probability).
  func factors(_ elements: Range<Int>) -> [Rounded] {
    elements.map { element in
      let word = capstan_philox(seed, capstan_philox_block(word: (UInt32(element / 4), sample, step, site)))
        .word
      let draw = [word.0, word.1, word.2, word.3][element % 4]
      return Double(draw) < Double(probability) * 0x1p32
        ? Rounded(0) : Rounded(1) / (Rounded(1) - Rounded(probability))
    }
  }
}
