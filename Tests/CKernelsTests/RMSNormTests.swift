import CKernels
import Tensors
import Testing

@Suite struct RMSNormTests {
  static let epsilon: Float = 1e-5

  static let cases = Philox.shapes.flatMap { rows, columns -> [KernelCase] in
    var random = Philox(seed: UInt64(rows * 10_000 + columns), stream: "rms norm")
    let x = random.input(rows * columns, spread: 3, extremes: [100, -50]), dy = random.input(rows * columns)
    let scale = random.input(columns), inverse = random.input(rows, in: 0.1...3)
    let (scales, inverses, slopes) = (scale.exact, inverse.exact, dy.rows(columns))
    let width = Rounded(Float(columns))
    let roots = x.rows(columns).map { (row: [Rounded]) -> Rounded in
      Rounded(1) / (Rounded.dot(row, row) / width + Rounded(epsilon)).squareRoot()
    }
    var y: [Rounded] = [], normalised: [[Rounded]] = [], dx: [Rounded] = []
    for (row, line) in x.rows(columns).enumerated() {
      for (x, scale) in zip(line, scales) { y.append(x * roots[row] * scale) }
      let z = line.map { $0 * inverses[row] }, g = zip(slopes[row], scales).map { $0 * $1 }
      let mean = Rounded.dot(g, z) / width
      for (g, z) in zip(g, z) { dx.append((g - z * mean) * inverses[row]) }
      normalised.append(z)
    }
    let dScale = (0..<columns).map { column in
      Rounded.sum((0..<rows).map { slopes[$0][column] * normalised[$0][column] })
    }
    return [
      KernelCase("rms norm \(rows)x\(columns)", [Output(y), Output(roots)]) {
        $0.rms_norm($1[0], $1[1], x.pointer, scale.pointer, epsilon, rows, columns)
      },
      KernelCase("rms norm gradient \(rows)x\(columns)", [Output(dx)]) {
        $0.rms_norm_gradient($1[0], dy.pointer, x.pointer, inverse.pointer, scale.pointer, rows, columns)
      },
      KernelCase("rms norm parameter's gradient \(rows)x\(columns)", [Output(dScale)]) {
        $0.rms_norm_parameter_gradient($1[0], dy.pointer, x.pointer, inverse.pointer, rows, columns)
      },
    ]
  }

  @Test(arguments: cases)
  func isTheFormula(kernel: KernelCase) { kernel.check() }
}
