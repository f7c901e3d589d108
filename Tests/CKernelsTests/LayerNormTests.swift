import CKernels
import Tensors
import Testing

@Suite struct LayerNormTests {
  static let epsilon: Float = 1e-5

  static func normalisation(rows: Int, columns: Int, _ random: inout CounterRandom) -> KernelCase {
    let x = random.input(rows * columns, spread: 3, extremes: [100, -50])
    let scale = random.input(columns), shift = random.input(columns)
    var y: [Rounded] = [], means: [Rounded] = [], inverses: [Rounded] = []
    let (scales, shifts) = (scale.exact, shift.exact)
    for row in x.rows(columns) {
      let width = Rounded(Float(columns))
      let mean = Rounded.sum(row) / width
      let centered = row.map { $0 - mean }
      let inverse = Rounded(1) / (Rounded.dot(centered, centered) / width + Rounded(epsilon)).squareRoot()
      means.append(mean)
      inverses.append(inverse)
      for (column, z) in centered.enumerated() {
        y.append(z * inverse * scales[column] + shifts[column])
      }
    }
    return KernelCase("layer norm \(rows)x\(columns)", [Output(y), Output(means), Output(inverses)]) {
      $0.layer_norm($1[0], $1[1], $1[2], x.pointer, scale.pointer, shift.pointer, epsilon, rows, columns)
    }
  }

  static func gradients(rows: Int, columns: Int, _ random: inout CounterRandom) -> [KernelCase] {
    let x = random.input(rows * columns, extremes: [100]), dy = random.input(rows * columns)
    let scale = random.input(columns)
    let mean = random.input(rows), inverse = random.input(rows, in: 0.1...3)
    let width = Rounded(Float(columns))
    let means = mean.exact, inverses = inverse.exact, scales = scale.exact
    let slopes = dy.rows(columns)
    let normalised = zip(x.rows(columns), zip(means, inverses)).map { row, statistics in
      row.map { ($0 - statistics.0) * statistics.1 }
    }
    let dx = (0..<rows).flatMap { row in
      let z = normalised[row]
      let g = zip(slopes[row], scales).map { $0 * $1 }
      let (meanG, meanGZ) = (Rounded.sum(g) / width, Rounded.dot(g, z) / width)
      return zip(g, z).map { ($0 - meanG - $1 * meanGZ) * inverses[row] }
    }
    let dScale = (0..<columns).map { column in
      Rounded.sum((0..<rows).map { slopes[$0][column] * normalised[$0][column] })
    }
    let dShift = (0..<columns).map { column in Rounded.sum(slopes.map { $0[column] }) }
    return [
      KernelCase("layer norm gradient \(rows)x\(columns)", [Output(dx)]) {
        $0.layer_norm_gradient(
          $1[0], dy.pointer, x.pointer, mean.pointer, inverse.pointer, scale.pointer, rows, columns)
      },
      KernelCase("layer norm parameters' gradients \(rows)x\(columns)", [Output(dScale), Output(dShift)]) {
        $0.layer_norm_parameter_gradients(
          $1[0], $1[1], dy.pointer, x.pointer, mean.pointer, inverse.pointer, rows, columns)
      },
    ]
  }

  static let cases = CounterRandom.shapes.flatMap { rows, columns in
    var random = CounterRandom(seed: UInt64(rows * 10_000 + columns), stream: "layer norm")
    return [normalisation(rows: rows, columns: columns, &random)]
      + gradients(rows: rows, columns: columns, &random)
  }

  @Test(arguments: cases)
  func isTheFormula(kernel: KernelCase) { kernel.check() }
}
