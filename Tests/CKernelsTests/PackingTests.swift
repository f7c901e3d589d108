import CKernels
import Testing

/// Rounded and packed operands, word for word, in memory of exactly the size that the headers tell.
@Suite struct PackingTests {
  /// About the edges of vectors, panels and pairs.
  static let shapes = [
    (1, 1), (1, 2), (2, 15), (3, 16), (5, 17), (31, 31), (32, 32), (33, 33), (17, 47), (40, 70), (65, 96),
    (70, 129),
  ].map { (rows: $0.0, columns: $0.1) }

  /// What a kernel of each instruction set makes, in memory of as many elements as are expected.
  private func expect<Element: BitwiseCopyable & Equatable & Sendable>(
    _ expected: [Element], over initial: [Element]? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    from call: (capstan_kernels, UnsafeMutablePointer<Element>) -> Void
  ) {
    for kernels in KernelCase.kernels {
      let y = initial.map { Guarded($0) } ?? Guarded<Element>(count: expected.count)
      call(kernels, y.pointer)
      #expect(y.elements == expected, "\(String(cString: kernels.name))", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: shapes)
  func rounds(rows: Int, columns: Int) {
    let numbers = WholeNumbers(rows: rows, columns: columns, stream: "rounded")
    let x = Input(numbers.floats(stride: columns + 3))
    // Behind the padding nothing is written: the last row ends with it.
    let stride = (columns + 15) / 16 * 16
    expect(numbers.halves(padding: 16, stride: stride)) {
      $0.round_rows($1, stride, x.pointer, columns + 3, rows, columns)
    }
  }

  @Test(arguments: shapes)
  func packsRows(rows: Int, columns: Int) {
    let numbers = WholeNumbers(rows: rows, columns: columns, stream: "packed rows")
    let pairs = numbers.transposed.pairCount
    let x = Input(numbers.floats(stride: columns + 3))
    expect(numbers.panels(stride: pairs * 32 + 64)) {
      $0.pack_rows($1, pairs * 32 + 64, pairs, x.pointer, columns + 3, rows, columns)
    }
  }

  @Test(arguments: shapes.filter { $0.rows <= 32 })
  func packsColumns(rows: Int, columns: Int) {
    let numbers = WholeNumbers(rows: rows, columns: columns, stream: "packed columns")
    let x = Input(numbers.floats(stride: columns + 3))
    let pairs = numbers.pairCount
    expect(numbers.transposed.panels(stride: pairs * 32)) {
      $0.pack_columns($1, x.pointer, columns + 3, rows, columns)
    }
  }

  /// Rows in tiles, which begin at any row.
  @Test(arguments: shapes, [0, 1, 31, 34])
  func tiles(shape: (rows: Int, columns: Int), first: Int) {
    let (rows, columns) = shape
    let numbers = WholeNumbers(rows: rows, columns: columns, stream: "tiles")
    let x = Input(numbers.floats(stride: columns + 3))
    let panel = numbers.pairCount * 32 + 64
    let tiles = numbers.shifted(down: first).tiles(stride: panel)
    expect(tiles, over: tiles.map { _ in .max }) {
      $0.round_tiles($1, panel, first, x.pointer, columns + 3, rows, columns)
    }
    let guarded = Guarded(tiles)
    expect(
      numbers.floats(stride: columns + 3).map(\.bitPattern),
      over: numbers.floats(stride: columns + 3).map { _ in Float.nan.bitPattern }
    ) {
      $1.withMemoryRebound(to: Float.self, capacity: 1) { [kernels = $0] in
        kernels.widen_tiles($0, columns + 3, guarded.pointer, panel, first, rows, columns)
      }
    }
    expect(
      (0..<columns).map { column in (0..<rows).reduce(Float(0)) { $0 + numbers[$1, column] }.bitPattern }
    ) {
      $1.withMemoryRebound(to: Float.self, capacity: columns) { [kernels = $0] in
        kernels.sum_tiles($0, guarded.pointer, panel, first, rows, columns)
      }
    }
  }

  /// As the inner dimension, from any row on: panels, and turned the tiles of the transpose.
  @Test(arguments: shapes, [0, 1, 31, 34])
  func packsTiles(shape: (rows: Int, columns: Int), first: Int) {
    let (rows, columns) = shape
    let numbers = WholeNumbers(rows: rows, columns: columns, stream: "packed tiles")
    let panel = numbers.pairCount * 32
    let x = Guarded(numbers.shifted(down: first).tiles(stride: panel))
    let packed = numbers.transposed.pairCount * 32 + 64
    for (turns, expected) in [
      (false, numbers.panels(stride: packed)), (true, numbers.transposed.tiles(stride: packed, behind: 0)),
    ] {
      expect(expected) { $0.pack_tiles($1, packed, x.pointer, panel, first, rows, columns, turns) }
    }
  }
}
