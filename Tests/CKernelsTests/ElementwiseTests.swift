import CKernels
import Foundation
import Tensors
import Testing

@Suite struct ElementwiseTests {
  typealias Function =
    @Sendable (
      capstan_kernels, _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
      _ other: UnsafePointer<Float>, _ count: Int
    ) -> Void

  /// A kernel of one or two inputs on every length.
  static func cases(
    _ name: String, extremes: [Float], _ call: @escaping Function,
    _ reference: (_ x: Rounded, _ other: Rounded) -> Rounded
  ) -> [KernelCase] {
    Philox.lengths.map { count in
      var random = Philox(seed: UInt64(count), stream: "elementwise", name)
      let x = random.input(count, extremes: tinyNumbers + extremes)
      let other = random.input(count, extremes: tinyNumbers + extremes)
      return KernelCase("\(name) \(count)", [Output(zip(x.exact, other.exact).map(reference))]) {
        call($0, $1[0], x.pointer, other.pointer, count)
      }
    }
  }

  static let sums = cases("add", extremes: [1e38, -3e30]) {
    $0.add($1, $2, $3, $4)
  } _: {
    $0 + $1
  }

  static let products = cases("product", extremes: [1e18, -3e18]) {
    $0.product($1, $2, $3, $4)
  } _: {
    $0 * $1
  }

  static let functions =
    cases("gelu", extremes: [6, -6, 40, -1e4]) {
      $0.gelu($1, $2, $4)
    } _: { x, _ in
      gelu(x)
    }
    + cases("silu", extremes: [6, -6, 40, -40, -87.5, -1e4, -3e38, 1e38]) {
      $0.silu($1, $2, $4)
    } _: { x, _ in
      swish(x, 1)
    }
    + cases("quick gelu", extremes: [6, -6, 40, -40, -87.5, -1e4, -3e38, 1e38]) {
      $0.quick_gelu($1, $2, $4)
    } _: { x, _ in
      swish(x, 1.702)
    }
    + cases("relu", extremes: [1e38, -1e38]) {
      $0.relu($1, $2, $4)
    } _: { x, _ in
      Rounded(Float(max(0, x.value)))
    }
    + cases("tanh", extremes: [0.625, -0.62, 9, -50, 1e30]) {
      $0.tanh($1, $2, $4)
    } _: { x, _ in
      x.hyperbolicTangent()
    }

  static let gradients =
    cases("gelu gradient", extremes: [5, -5, 40, -1e4]) {
      $0.gelu_gradient($1, $2, $3, $4)
    } _: {
      $0 * geluSlope($1)
    }
    + cases("silu gradient", extremes: [5, -5, 40, -40, -1e4, 3e18]) {
      $0.silu_gradient($1, $2, $3, $4)
    } _: {
      $0 * swishSlope($1, 1)
    }
    + cases("quick gelu gradient", extremes: [5, -5, 40, -40, -1e4, 3e18]) {
      $0.quick_gelu_gradient($1, $2, $3, $4)
    } _: {
      $0 * swishSlope($1, 1.702)
    }
    + cases("relu gradient", extremes: [1e30, -1e30]) {
      $0.relu_gradient($1, $2, $3, $4)
    } _: {
      $0 * Rounded($1.value > 0 ? 1 : 0)
    }
    + cases("tanh gradient", extremes: [1, -1]) {
      $0.tanh_gradient($1, $2, $3, $4)
    } _: {
      $0 * (Rounded(1) - $1 * $1)
    }

  @Test(arguments: sums + products + functions + gradients)
  func isTheFunction(kernel: KernelCase) { kernel.check() }

  static let scales = Philox.lengths.flatMap { count in
    var random = Philox(seed: UInt64(count), stream: "scale")
    let x = random.input(count, extremes: tinyNumbers + [1e38])
    let number: Float = 0.3
    return [
      KernelCase("scale \(count)", [Output(x.exact.map { $0 * Rounded(number) }, over: x.floats)]) {
        $0.scale($1[0], number, count)
      },
      KernelCase("shift \(count)", [Output(x.exact.map { $0 + Rounded(number) }, over: x.floats)]) {
        $0.shift($1[0], number, count)
      },
    ]
  }

  static let totals = Philox.lengths.map { count in
    var random = Philox(seed: UInt64(count), stream: "sum")
    let x = random.input(count)
    return KernelCase("sum \(count)", [Output([Rounded.sum(x.exact)])]) {
      $1[0].pointee = $0.sum(x.pointer, count)
    }
  }

  @Test(arguments: totals)
  func sumOfElements(kernel: KernelCase) { kernel.check() }

  @Test(arguments: scales)
  func scalesInPlace(kernel: KernelCase) { kernel.check() }

  /// Sums in place, as gradients do: the output is the first addend.
  @Test func addsInPlace() {
    var random = Philox(seed: 1, stream: "add in place")
    let (sum, addend) = (random.input(100), random.input(100))
    let expected = zip(sum.exact, addend.exact).map { $0 + $1 }
    KernelCase("add in place", [Output(expected, over: sum.floats)]) {
      $0.add($1[0], $1[0], addend.pointer, 100)
    }.check()
  }

  static let rows = Philox.shapes.flatMap { rows, columns in
    var random = Philox(seed: UInt64(rows * 10_000 + columns), stream: "rows")
    let stride = columns + 5
    let row = random.input(columns)
    let x = random.input(rows: rows, of: columns, stride: stride, extremes: [1e6, -1e6])
    let lines = x.rows(columns, stride: stride)
    let sums = (0..<columns).map { column in Rounded.sum(lines.map { $0[column] }) }
    let packed = random.input(rows * columns), shift = random.input(columns)
    let scaled = packed.rows(columns).flatMap { zip($0, row.exact).map { $0 * $1 } }
    let shifts = (0..<rows).flatMap { _ in shift.exact }
    return [
      KernelCase("scale columns \(rows)x\(columns)", [Output(scaled)]) {
        $0.scale_columns($1[0], packed.pointer, row.pointer, nil, rows, columns)
      },
      KernelCase("scale and shift columns \(rows)x\(columns)", [Output(zip(scaled, shifts).map { $0 + $1 })])
      {
        $0.scale_columns($1[0], packed.pointer, row.pointer, shift.pointer, rows, columns)
      },
      KernelCase("fill rows \(rows)x\(columns)", [Output((0..<rows).flatMap { _ in row.exact })]) {
        $0.fill_rows($1[0], row.pointer, rows, columns)
      },
      KernelCase("column sums \(rows)x\(columns)", [Output(sums)]) {
        $0.column_sums($1[0], x.pointer, rows, columns, stride)
      },
    ]
  }

  @Test(arguments: rows)
  func goesOverRows(kernel: KernelCase) { kernel.check() }

  @Test(arguments: Philox.lengths + [16_384])
  func sumsSquaresInDouble(count: Int) {
    var random = Philox(seed: UInt64(count), stream: "squares")
    let x = random.input(count, extremes: tinyNumbers + [3e38, 1e20])
    let expected = x.floats.reduce(0) { $0 + Double($1) * Double($1) }
    let sums = KernelCase.kernels.map { $0.sum_of_squares(x.pointer, count) }
    for sum in sums {
      #expect(abs(sum - expected) <= 1e-13 * expected)
      #expect(sum.bitPattern == sums[0].bitPattern)
    }
  }
}

/// x sigmoid(kx), which is as good as 0 below -64.
private func swish(_ x: Rounded, _ k: Float) -> Rounded {
  let x = x.value < -64 ? Rounded(-64) : x
  return x * (Rounded(k) * x).sigmoid()
}

/// s + kx s (1 - s) with s the sigmoid, which is as good as 0 or 1 beyond 64.
private func swishSlope(_ x: Rounded, _ k: Float) -> Rounded {
  let x = abs(x.value) > 64 ? Rounded(x.value < 0 ? -64 : 64) : x
  let (sigmoid, rest) = ((Rounded(k) * x).sigmoid(), (Rounded(-k) * x).sigmoid())
  return sigmoid + Rounded(k) * x * sigmoid * rest
}

/// 0.5 x (1 + tanh(v)) with v = sqrt(2/pi) (x + 0.044715 x^3).
func gelu(_ x: Rounded) -> Rounded {
  Rounded(0.5) * x * (Rounded(1) + geluInner(x).hyperbolicTangent())
}

/// 0.5 (1 + tanh(v)) + 0.5 x (1 - tanh(v)^2) v'.
func geluSlope(_ x: Rounded) -> Rounded {
  let tangent = geluInner(x).hyperbolicTangent()
  let inner = geluScale * (Rounded(1) + geluCubic * Rounded(3) * x * x)
  return Rounded(0.5) * (Rounded(1) + tangent) + Rounded(0.5) * x * (Rounded(1) - tangent * tangent) * inner
}

private func geluInner(_ x: Rounded) -> Rounded { geluScale * (x + geluCubic * x * x * x) }
private let geluScale = Rounded(rounding: (2 / Double.pi).squareRoot(), error: 0)
private let geluCubic = Rounded(rounding: 0.044715, error: 0)
