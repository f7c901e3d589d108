import Tensors

/// A matrix of small integers, [rows, columns], or of such parts of one: exact in bfloat16, and so are all sums of
/// their products in float32, in whatever order.
struct WholeNumbers: Sendable {
  let rows: Int
  let columns: Int
  private let numbers: [Float]

  /// - Parameter unit: a power of two.
  init(rows: Int, columns: Int, stream: String, unit: Float = 1) {
    (self.rows, self.columns) = (rows, columns)
    var random = Philox(seed: UInt64(rows * 10_000 + columns), stream: stream)
    numbers = (0..<rows * columns).map { _ in unit * Float(Int.random(in: -8...8, using: &random)) }
  }

  subscript(row: Int, column: Int) -> Float { numbers[row * columns + column] }

  var transposed: WholeNumbers {
    WholeNumbers(
      rows: columns, columns: rows,
      numbers: (0..<columns).flatMap { column in (0..<rows).map { self[$0, column] } })
  }

  /// Behind rows that were never written.
  func shifted(down count: Int) -> WholeNumbers {
    WholeNumbers(
      rows: count + rows, columns: columns,
      numbers: Array(repeating: .nan, count: count * columns) + numbers)
  }

  /// With rows of zeros that let every lane's rows begin at a multiple of 32.
  func lanes(_ laneRows: [Int]) -> WholeNumbers {
    var (lines, first) = ([Float](), 0)
    for rows in laneRows {
      lines += numbers[first * columns..<(first + rows) * columns]
      lines += Array(repeating: 0, count: (rows.padded(to: 32) - rows) * columns)
      first += rows
    }
    return WholeNumbers(rows: lines.count / columns, columns: columns, numbers: lines)
  }

  private init(rows: Int, columns: Int, numbers: [Float]) {
    (self.rows, self.columns, self.numbers) = (rows, columns, numbers)
  }

  /// In rows `stride` apart, with NaN between them and nothing behind the last.
  func floats(stride: Int) -> [Float] {
    laidOut(rows: rows, of: columns, stride: stride, between: .nan) { self[$0, $1] }
  }

  /// bfloat16 in rows `stride` apart, zero up to a multiple of `padding` columns, NaN between the rows and nothing behind
  /// the last.
  func halves(padding: Int, stride: Int) -> [UInt16] {
    laidOut(rows: rows, of: columns.padded(to: padding), stride: stride, between: .max) { bits($0, $1) }
  }

  /// In tiles, zero up to a multiple of 32 columns, in panels `stride` words apart, with `behind` in the rows from the
  /// last up to a multiple of 32, NaN between the panels and nothing behind the last.
  func tiles(stride: Int, behind: UInt32 = .max) -> [UInt32] {
    laidOut(rows: rows.padded(to: 32) / 32, of: pairCount * 32, stride: stride, between: .max) {
      panel, word in
      let (row, pair) = (panel * 32 + word % 512 / 16, word / 512 * 16 + word % 16)
      let isWritten = row < rows && !self[row, 0].isNaN
      return isWritten ? pairOf(row, 2 * pair, row, 2 * pair + 1) : behind
    }
  }

  /// Packed pairs of rows, zero up to a multiple of 16 pairs and of 32 columns, in panels `stride` words apart, with NaN
  /// between them and nothing behind the last.
  func panels(stride: Int) -> [UInt32] {
    let pairs = transposed.pairCount
    return laidOut(rows: columns.padded(to: 32) / 32, of: pairs * 32, stride: stride, between: .max) {
      panel, word in
      let (pair, column) = (word / 32, panel * 32 + word % 32)
      return pairOf(2 * pair, column, 2 * pair + 1, column)
    }
  }

  /// Pairs of columns, up to a multiple of 16.
  var pairCount: Int { ((columns + 1) / 2).padded(to: 16) }

  private func pairOf(_ row: Int, _ column: Int, _ otherRow: Int, _ otherColumn: Int) -> UInt32 {
    UInt32(bits(row, column)) | UInt32(bits(otherRow, otherColumn)) << 16
  }

  /// Zero outside.
  private func bits(_ row: Int, _ column: Int) -> UInt16 {
    row < rows && column < columns ? UInt16(self[row, column].bitPattern >> 16) : 0
  }
}

private func laidOut<Element>(
  rows: Int, of columns: Int, stride: Int, between filler: Element, _ element: (Int, Int) -> Element
) -> [Element] {
  Array(
    (0..<rows).flatMap { row in
      (0..<columns).map { element(row, $0) } + Array(repeating: filler, count: stride - columns)
    }.dropLast(stride - columns))
}

/// The numbers of tiles whose panels are `stride` words apart, row after row.
func numbers(
  ofTiles words: UnsafePointer<UInt32>, stride: Int, rows: Int, columns: Int
) -> [Float] {
  (0..<rows).flatMap { row in
    (0..<columns).map { column in
      let word = words[row / 32 * stride + column / 32 * 512 + row % 32 * 16 + column % 32 / 2]
      return Float(bitPattern: column % 2 == 0 ? word << 16 : word & 0xffff_0000)
    }
  }
}

extension Int {
  fileprivate func padded(to multiple: Int) -> Int { (self + multiple - 1) / multiple * multiple }
}
