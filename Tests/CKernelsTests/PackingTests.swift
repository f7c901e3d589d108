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
    _ expected: [Element], sourceLocation: SourceLocation = #_sourceLocation,
    from call: (capstan_kernels, UnsafeMutablePointer<Element>) -> Void
  ) {
    for kernels in KernelCase.kernels {
      let y = Guarded<Element>(count: expected.count)
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
    let halfStride = (columns + 31) / 32 * 32 + 32
    let halves = Guarded(numbers.halves(padding: 32, stride: halfStride))
    let packed = numbers.panels(stride: pairs * 32 + 64)
    expect(packed) { $0.pack_rows($1, pairs * 32 + 64, pairs, x.pointer, columns + 3, rows, columns) }
    expect(packed) {
      $0.pack_rounded_rows($1, pairs * 32 + 64, pairs, halves.pointer, halfStride, rows, columns)
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
}
