import Tensors

/// The numbers of a batch's rows: in float32, or rounded to bfloat16, where only products take them.
public enum BatchElements: Sendable {
  case exact(Matrix)
  case rounded(BF16Rows)

  var rows: Int {
    switch self {
    case .exact(let matrix): matrix.rows
    case .rounded(let rows): rows.rows
    }
  }

  var columns: Int {
    switch self {
    case .exact(let matrix): matrix.columns
    case .rounded(let rows): rows.columns
    }
  }

  /// Scratch memory that it takes to write so many rows.
  func scratch(forRows rows: Int) -> Int {
    if case .rounded = self { rows * columns } else { 0 }
  }

  /// Writes some rows on the calling thread; `fill` writes all of [rows.count, columns].
  func write(_ rows: Range<Int>, on backend: Backend, _ fill: (UnsafeMutablePointer<Float>) -> Void) {
    switch self {
    case .exact(let matrix): fill(matrix.row(rows.lowerBound))
    case .rounded(let tiles):
      backend.withScratch(rows.count * columns) { scratch in
        fill(scratch)
        tiles.round(scratch, stride: columns, intoRow: rows.lowerBound, count: rows.count, on: backend)
      }
    }
  }

  /// Their sum over rows, in order; on the calling thread. sums: [columns]
  func sum(_ rows: Range<Int>, into sums: UnsafeMutablePointer<Float>, on backend: Backend) {
    switch self {
    case .exact(let matrix):
      backend.kernels.column_sums(sums, matrix.row(rows.lowerBound), rows.count, columns, columns)
    case .rounded(let tiles): tiles.sum(rows, into: sums, on: backend)
    }
  }

  /// In float32.
  func matrix(on backend: Backend) -> Matrix {
    switch self {
    case .exact(let matrix): matrix
    case .rounded(let rows): rows.widened(on: backend)
    }
  }
}

extension Collection<BatchElements> {
  /// Writes some rows of each.
  func write(
    _ rows: some Collection<Range<Int>>, on backend: Backend,
    _ fill: ([UnsafeMutablePointer<Float>]) -> Void
  ) {
    guard let first, let firstRows = rows.first else { return fill([]) }
    first.write(firstRows, on: backend) { pointer in
      dropFirst().write(rows.dropFirst(), on: backend) { fill([pointer] + $0) }
    }
  }
}

extension Backend {
  /// Uninitialised operands of products, in the precision of these.
  func operands(rows: Int, columns: Int) -> BatchElements {
    precision == .bfloat16
      ? .rounded(BF16Rows(rows: rows, columns: columns, on: self)) : .exact(matrix(rows, columns))
  }

  /// The same numbers in the precision of products.
  func operands(_ x: BatchElements) -> BatchElements {
    guard case .exact(let matrix) = x, precision == .bfloat16 else { return x }
    return .rounded(rounded(matrix))
  }
}
