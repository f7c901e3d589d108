import CKernels
import Tensors
import Testing

/// Products on operands of exactly the size that product.h tells, with every epilogue.
@Suite struct ProductTests {
  /// About the edges of panels, steps and pairs.
  struct Shape: Sendable, CustomTestStringConvertible {
    let rows: Int, inner: [Int], columns: Int
    var testDescription: String { "\(rows) x \(inner) x \(columns)" }
  }
  static let shapes = [
    (1, 1, 1), (2, 2, 40), (31, 32, 31), (32, 31, 32), (33, 33, 33), (29, 70, 65), (70, 600, 17),
    (15, 1030, 34), (64, 64, 64), (97, 40, 96),
  ].map { Shape(rows: $0.0, inner: [$0.1], columns: $0.2) }
  /// The inner dimension is cut at lanes.
  static let laneShapes = [
    [1], [33], [3, 1], [0, 5, 2], [40, 33, 31, 0, 1, 2, 64, 17], Array(repeating: 5, count: 16),
  ].flatMap { lanes in
    [(1, 1), (31, 33), (33, 45), (64, 70)].map { Shape(rows: $0.0, inner: lanes, columns: $0.1) }
  }

  /// A product of numbers whose sums are exact in float32, and so the same in whatever order.
  private struct Bench: Sendable {
    let shape: Shape
    let sums: [[Float]]
    let bias: Input
    /// What an activation takes: sums with their bias, rounded to bfloat16.
    let activated: [[Float]]
    let call: @Sendable (capstan_kernels, (inout capstan_product) -> Void) -> Void
    /// Of tiles as large as the product.
    let panelsDown: Int, panelWords: Int

    /// - Parameter unit: small enough that sums reach both ends of the activations.
    init(_ shape: Shape, unit: Float = 1) {
      self.shape = shape
      let (rows, columns) = (shape.rows, shape.columns)
      let inner = shape.inner.reduce(0, +)
      let left = WholeNumbers(rows: rows, columns: inner, stream: "left")
      let right = WholeNumbers(rows: inner, columns: columns, stream: "right", unit: unit)
      let sums = (0..<rows).map { row in
        (0..<columns).map { column in (0..<inner).reduce(0) { $0 + left[row, $1] * right[$1, column] } }
      }
      let bias = (0..<columns).map { unit * Float($0 % 7 - 3) }
      self.sums = sums
      self.bias = Input(bias)
      activated = sums.map { zip($0, bias).map { roundedToBfloat16($0 + $1) } }
      panelsDown = (rows + 31) / 32
      panelWords = (columns + 31) / 32 * 512 + 64

      var lanes: [capstan_lane] = []
      var steps = 0
      for rows in shape.inner {
        lanes.append(capstan_lane(first_step: steps, pairs: (rows + 1) / 2))
        steps += (rows + 31) / 32
      }
      let panel = steps * 512 + 64
      let a = Guarded(left.transposed.lanes(shape.inner).transposed.tiles(stride: panel))
      let b = Guarded(right.lanes(shape.inner).panels(stride: panel))
      call = { [lanes] kernels, setUp in
        lanes.withUnsafeBufferPointer { lanes in
          var product = capstan_product()
          (product.a, product.a_panel) = (UnsafePointer(a.pointer), panel)
          (product.b, product.b_panel) = (UnsafePointer(b.pointer), panel)
          (product.rows, product.columns) = (rows, columns)
          (product.lanes, product.lane_count) = (lanes.baseAddress, lanes.count)
          setUp(&product)
          kernels.multiply(&product)
        }
      }
    }

    /// Room for tiles of the result, which are read full panels of 32 rows at a time by who takes them.
    func tiles() -> Guarded<UInt32> { Guarded(count: (panelsDown - 1) * panelWords + panelWords - 64) }

    func numbers(of tiles: Guarded<UInt32>) -> [Float] {
      CKernelsTests.numbers(
        ofTiles: tiles.pointer, stride: panelWords, rows: shape.rows, columns: shape.columns)
    }
  }

  static let toFloats = (shapes + laneShapes).flatMap { shape in
    let bench = Bench(shape)
    let stride = shape.columns + 3
    func output(_ sums: [[Float]]) -> Output {
      let before = Output(rows: sums.map { $0.map(Rounded.init) }, stride: stride).before.map { _ in Float(7)
      }
      return Output(rows: sums.map { $0.map(Rounded.init) }, stride: stride, over: before)
    }
    let whole = bench.sums.map { zip($0, bench.bias.floats).map { $0 + $1 + 7 } }
    return [
      KernelCase("\(shape.testDescription), written", [output(bench.sums)]) { kernels, outputs in
        bench.call(kernels) {
          ($0.c, $0.c_stride) = (outputs[0], stride)
        }
      },
      KernelCase("\(shape.testDescription), added with bias", [output(whole)]) { kernels, outputs in
        bench.call(kernels) {
          ($0.c, $0.c_stride, $0.addend) = (outputs[0], stride, UnsafePointer(outputs[0]))
          $0.bias = bench.bias.pointer
        }
      },
    ]
  }

  /// Past the caches where rows are aligned for it; the last columns are not.
  static let streamed = [
    Shape(rows: 40, inner: [40], columns: 80), Shape(rows: 33, inner: [5, 40], columns: 64),
  ]
  .map { shape in
    let bench = Bench(shape)
    return KernelCase(
      "\(shape.testDescription), streamed", [Output(bench.sums.flatMap { $0.map(Rounded.init) })]
    ) { kernels, outputs in
      bench.call(kernels) {
        ($0.c, $0.c_stride, $0.streams) = (outputs[0], shape.columns, true)
      }
    }
  }

  static let functions:
    [(
      capstan_epilogue, capstan_epilogue, of: @Sendable (Rounded) -> Rounded,
      slope: @Sendable (Rounded) -> Rounded
    )] = [
      (CAPSTAN_GELU, CAPSTAN_GELU_SLOPE, gelu, geluSlope),
      (
        CAPSTAN_RELU, CAPSTAN_RELU_SLOPE, { Rounded(Float(max(0, $0.value))) },
        { Rounded($0.value > 0 ? 1 : 0) }
      ),
      (
        CAPSTAN_TANH, CAPSTAN_TANH_SLOPE, { $0.hyperbolicTangent() },
        { Rounded(1) - $0.hyperbolicTangent() * $0.hyperbolicTangent() }
      ),
    ]

  static let activations = functions.flatMap { activation, slope, function, slopeOf in
    shapes.flatMap { shape in
      let bench = Bench(shape, unit: 0x1p-8)
      let inputs = bench.activated.joined().map(Rounded.init)
      let kept = Guarded(count: bench.tiles().count, alignment: 64) as Guarded<UInt32>
      for (row, numbers) in bench.activated.enumerated() {
        for (column, x) in numbers.enumerated() {
          let place = row / 32 * bench.panelWords + column / 32 * 512 + row % 32 * 16 + column % 32 / 2
          let bits = x.bitPattern >> 16
          kept.pointer[place] =
            column % 2 == 0 ? bits : kept.pointer[place] & 0xffff | bits << 16
        }
      }
      let slopes = zip(bench.sums.joined(), inputs).map { inBfloat16(Rounded($0) * slopeOf($1)) }
      return [
        KernelCase(
          "\(shape.testDescription), epilogue \(activation.rawValue)",
          [Output(inputs.map { inBfloat16(function($0)) }), Output(inputs)]
        ) { kernels, outputs in
          let (y, kept) = (bench.tiles(), bench.tiles())
          for keeps in [false, true] {
            bench.call(kernels) {
              ($0.epilogue, $0.bias) = (activation, bench.bias.pointer)
              ($0.y, $0.y_panel, $0.kept) = (y.pointer, bench.panelWords, keeps ? kept.pointer : nil)
            }
          }
          outputs[0].update(from: bench.numbers(of: y), count: inputs.count)
          outputs[1].update(from: bench.numbers(of: kept), count: inputs.count)
        },
        KernelCase("\(shape.testDescription), epilogue \(slope.rawValue)", [Output(slopes)]) {
          kernels, outputs in
          let y = bench.tiles()
          bench.call(kernels) {
            ($0.epilogue, $0.y, $0.y_panel, $0.kept) = (slope, y.pointer, bench.panelWords, kept.pointer)
          }
          outputs[0].update(from: bench.numbers(of: y), count: inputs.count)
        },
      ]
    }
  }

  @Test(arguments: toFloats + streamed + activations)
  func isExact(kernel: KernelCase) { kernel.check() }
}

/// To the nearest, ties to even.
private func roundedToBfloat16(_ x: Float) -> Float {
  let bits = x.bitPattern
  return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
}

/// A result that is rounded to 8 bits.
private func inBfloat16(_ x: Rounded) -> Rounded {
  Rounded(rounding: x.value, error: x.error, units: Double(1 << 16))
}
