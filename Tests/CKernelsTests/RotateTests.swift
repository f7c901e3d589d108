import CKernels
import Tensors
import Testing

@Suite struct RotateTests {
  static let cases = [1, 3, 16, 17, 32].flatMap { half in
    [(1, Float(1)), (3, 1), (3, -1)].flatMap { heads, direction -> [KernelCase] in
      var random = Philox(seed: UInt64(half * 10 + heads), stream: "rotate")
      let x = random.input(heads * 2 * half, extremes: tinyNumbers + [1e10])
      let cosine = random.input(half, in: -1...1), sine = random.input(half, in: -1...1)
      let (cosines, sines) = (cosine.exact, sine.floats.map { Rounded(direction * $0) })
      var y: [Rounded] = []
      for head in x.rows(2 * half) {
        for k in 0..<half { y.append(head[k] * cosines[k] - head[half + k] * sines[k]) }
        for k in 0..<half { y.append(head[half + k] * cosines[k] + head[k] * sines[k]) }
      }
      return [
        KernelCase("rotate \(heads) heads of \(2 * half), \(direction)", [Output(y)]) {
          $0.rotate($1[0], x.pointer, cosine.pointer, sine.pointer, direction, heads, half)
        },
        KernelCase("rotate in place \(heads) heads of \(2 * half), \(direction)", [Output(y, over: x.floats)])
        {
          $0.rotate($1[0], $1[0], cosine.pointer, sine.pointer, direction, heads, half)
        },
      ]
    }
  }

  @Test(arguments: cases)
  func isTheFormula(kernel: KernelCase) { kernel.check() }
}
