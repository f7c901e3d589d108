import CKernels
import Testing

/// Products on operands of exactly the size that product.h tells.
@Suite struct ProductTests {
  /// About the edges of tiles, panels, pairs and blocks of pairs; products begin at any row of their left operand.
  struct Shape: Sendable, CustomTestStringConvertible {
    let firstRow: Int, rows: Int, inner: Int, columns: Int
    var testDescription: String {
      "rows \(firstRow) ..< \(firstRow + rows), inner \(inner), \(columns) columns"
    }
  }
  static let shapes = [
    Shape(firstRow: 0, rows: 1, inner: 1, columns: 1), Shape(firstRow: 0, rows: 33, inner: 33, columns: 33),
    Shape(firstRow: 1, rows: 31, inner: 32, columns: 31),
    Shape(firstRow: 3, rows: 32, inner: 31, columns: 32),
    Shape(firstRow: 5, rows: 29, inner: 70, columns: 65), Shape(firstRow: 31, rows: 2, inner: 2, columns: 40),
    Shape(firstRow: 33, rows: 70, inner: 600, columns: 17),
    Shape(firstRow: 17, rows: 15, inner: 1030, columns: 34),
  ]

  static let products = shapes.flatMap { shape in
    let (rows, columns) = (shape.rows, shape.columns)
    let left = WholeNumbers(rows: shape.firstRow + rows, columns: shape.inner, stream: "left")
    let right = WholeNumbers(rows: shape.inner, columns: columns, stream: "right")
    let sums = (0..<rows).map { row in
      (0..<columns).map { column in
        Rounded((0..<shape.inner).reduce(0) { $0 + left[shape.firstRow + row, $1] * right[$1, column] })
      }
    }
    let a = Guarded(left.pairs(readable: shape.firstRow + (rows + 31) / 32 * 32))
    let panel = left.pairCount * 32 + 64
    let b = Guarded(right.panels(stride: panel))
    return [false, true].map { accumulates in
      let before = Output(rows: sums, stride: columns + 3).before.map { _ in Float(7) }
      let expected = accumulates ? sums.map { $0.map { Rounded(Float($0.value) + 7) } } : sums
      return KernelCase(
        "\(shape.testDescription), \(accumulates ? "added" : "written")",
        [Output(rows: expected, stride: columns + 3, over: before)]
      ) {
        var product = capstan_product(
          c: $1[0], c_stride: columns + 3, a: a.pointer + shape.firstRow * left.pairCount,
          a_panel: 32 * left.pairCount, a_row: left.pairCount, a_pair: 1, b: b.pointer, b_panel: panel,
          rows: rows, columns: columns)
        $0.multiply(&product, (shape.inner + 1) / 2, accumulates)
      }
    }
  }

  static let laneRows = [[1], [33], [3, 1], [0, 5, 2], [40, 33, 31, 0, 1, 2, 64, 17]]

  /// Both operands packed, each lane from a multiple of 16 pairs on.
  static let overLanes = laneRows.flatMap { lanes in
    [(1, 1), (31, 33), (33, 45), (64, 70)].map { rows, columns in
      let inner = lanes.reduce(0, +)
      let left = WholeNumbers(rows: inner, columns: rows, stream: "left")
      let right = WholeNumbers(rows: inner, columns: columns, stream: "right")
      let sums = (0..<rows).map { row in
        (0..<columns).map { column in
          Rounded((0..<inner).reduce(0) { $0 + left[$1, row] * right[$1, column] })
        }
      }
      var segments: [capstan_segment] = []
      var pairs = 0
      for rows in lanes {
        segments.append(capstan_segment(first: pairs, count: (rows + 1) / 2))
        pairs += (rows + 31) / 32 * 16
      }
      func packed(_ numbers: WholeNumbers) -> Guarded<UInt32> {
        Guarded(numbers.lanes(lanes).panels(stride: pairs * 32))
      }
      let (a, b) = (packed(left), packed(right))
      return KernelCase(
        "\(rows) x \(columns) over lanes \(lanes)", [Output(rows: sums, stride: columns + 3)]
      ) { [segments, pairs] in
        var product = capstan_product(
          c: $1[0], c_stride: columns + 3, a: a.pointer, a_panel: pairs * 32, a_row: 1, a_pair: 32,
          b: b.pointer, b_panel: pairs * 32, rows: rows, columns: columns)
        $0.multiply_lanes(&product, segments, segments.count)
      }
    }
  }

  @Test(arguments: products + overLanes)
  func isExact(kernel: KernelCase) { kernel.check() }
}
