import CKernels
import Tensors
import Testing

@Suite struct LayerNormTests {
  static let epsilon: Float = 1e-5

  /// - Parameter unbiased: whether the deviation is that of a sample, with epsilon beside it.
  static func normalisation(
    rows: Int, columns: Int, unbiased: Bool = false, _ random: inout Philox
  ) -> KernelCase {
    let x = random.input(rows * columns, spread: 3, extremes: [100, -50])
    let scale = random.input(columns), shift = random.input(columns)
    var y: [Rounded] = [], means: [Rounded] = [], inverses: [Rounded] = []
    let (scales, shifts) = (scale.exact, shift.exact)
    for row in x.rows(columns) {
      let width = Rounded(Float(columns))
      let mean = Rounded.sum(row) / width
      let centered = row.map { $0 - mean }
      let squares = Rounded.dot(centered, centered)
      let deviation =
        unbiased
        ? (squares / Rounded(Float(columns - 1))).squareRoot() + Rounded(epsilon)
        : (squares / width + Rounded(epsilon)).squareRoot()
      let inverse = Rounded(1) / deviation
      means.append(mean)
      inverses.append(inverse)
      for (column, z) in centered.enumerated() {
        y.append(z * inverse * scales[column] + shifts[column])
      }
    }
    let name = "layer norm\(unbiased ? " of a sample" : "") \(rows)x\(columns)"
    return KernelCase(name, [Output(y), Output(means), Output(inverses)]) {
      let kernel = unbiased ? $0.layer_norm_unbiased : $0.layer_norm
      kernel?($1[0], $1[1], $1[2], x.pointer, scale.pointer, shift.pointer, epsilon, rows, columns)
    }
  }

  static func gradients(rows: Int, columns: Int, _ random: inout Philox) -> [KernelCase] {
    let x = random.input(rows * columns, extremes: [100]), dy = random.input(rows * columns)
    let scale = random.input(columns)
    let mean = random.input(rows), inverse = random.input(rows, in: 0.1...3)
    let width = Rounded(Float(columns))
    let means = mean.exact, inverses = inverse.exact, scales = scale.exact
    let slopes = dy.rows(columns)
    let normalised = zip(x.rows(columns), zip(means, inverses)).map { row, statistics in
      row.map { ($0 - statistics.0) * statistics.1 }
    }
    /// An epsilon that makes the deviation a part of the divisor alone.
    let large: Float = 0.1
    func dx(unbiased: Bool) -> [Rounded] {
      (0..<rows).flatMap { (row: Int) -> [Rounded] in
        let z = normalised[row]
        let g = zip(slopes[row], scales).map { $0 * $1 }
        let part = Rounded(1) - Rounded(large) * inverses[row]
        let divisor = unbiased ? Rounded(Float(columns - 1)) * part : width
        let (meanG, meanGZ) = (Rounded.sum(g) / width, Rounded.dot(g, z) / divisor)
        return zip(g, z).map { (g: Rounded, z: Rounded) -> Rounded in (g - meanG - z * meanGZ) * inverses[row]
        }
      }
    }
    let dScale = (0..<columns).map { column in
      Rounded.sum((0..<rows).map { slopes[$0][column] * normalised[$0][column] })
    }
    let dShift = (0..<columns).map { column in Rounded.sum(slopes.map { $0[column] }) }
    func added(_ dx: [Rounded]) -> [Output] {
      [Output(dx), Output(zip(dy.exact, dx).map { $0 + $1 }, over: dy.floats)]
    }
    var cases = [
      KernelCase("layer norm gradient \(rows)x\(columns)", added(dx(unbiased: false))) {
        for (sum, addend) in [($1[0], nil), ($1[1], UnsafePointer($1[1]))] {
          $0.layer_norm_gradient(
            sum, addend, dy.pointer, x.pointer, mean.pointer, inverse.pointer, scale.pointer, rows, columns)
        }
      },
      KernelCase("layer norm parameters' gradients \(rows)x\(columns)", [Output(dScale), Output(dShift)]) {
        $0.layer_norm_parameter_gradients(
          $1[0], $1[1], dy.pointer, x.pointer, mean.pointer, inverse.pointer, rows, columns)
      },
    ]
    // A sample of one number has no deviation.
    guard columns > 1 else { return cases }
    cases.append(
      KernelCase("layer norm of a sample, gradient \(rows)x\(columns)", [Output(dx(unbiased: true))]) {
        $0.layer_norm_unbiased_gradient(
          $1[0], nil, dy.pointer, x.pointer, mean.pointer, inverse.pointer, scale.pointer, large, rows,
          columns)
      })
    return cases
  }

  static let cases = Philox.shapes.flatMap { rows, columns in
    var random = Philox(seed: UInt64(rows * 10_000 + columns), stream: "layer norm")
    return [normalisation(rows: rows, columns: columns, &random)]
      + gradients(rows: rows, columns: columns, &random)
      + (columns == 1 ? [] : [normalisation(rows: rows, columns: columns, unbiased: true, &random)])
  }

  @Test(arguments: cases)
  func isTheFormula(kernel: KernelCase) { kernel.check() }

  /// A row of equal numbers has no deviation: epsilon alone divides, and nothing of the gradient is infinite.
  @Test func aSampleWithoutDeviation() {
    let x = Input([Float](repeating: 2, count: 20)), ones = Input([Float](repeating: 1, count: 20))
    let dy = Input((0..<20).map { Float($0) })
    for kernels in KernelCase.kernels {
      let y = Guarded<Float>(count: 20), statistics = Guarded<Float>(count: 2)
      kernels.layer_norm_unbiased(
        y.pointer, statistics.pointer, statistics.pointer + 1, x.pointer, ones.pointer, ones.pointer, 1e-3, 1,
        20)
      #expect(y.elements == ones.floats)
      kernels.layer_norm_unbiased_gradient(
        y.pointer, nil, dy.pointer, x.pointer, statistics.pointer, statistics.pointer + 1, ones.pointer, 1e-3,
        1,
        20)
      #expect(zip(y.elements, dy.floats).allSatisfy { abs($0 - ($1 - 9.5) * 1e3) < 1e-2 })
    }
  }
}
