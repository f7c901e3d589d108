import CKernels

/// A matrix rounded to bfloat16, row by row: the left operand of a product.
public struct RoundedRows: Sendable {
  public let rows: Int
  public let columns: Int
  /// [rows + 31, pairs]: each 32-bit word is a pair of neighbouring columns; zeros pad the columns. A product may begin at
  /// any row, and reads full panels of 32 rows from there on (product.h).
  let pairs: Matrix

  /// An uninitialised matrix.
  public init(rows: Int, columns: Int, on backend: Backend) {
    self.rows = rows
    self.columns = columns
    pairs = backend.matrix(rows + panelWidth - 1, pairCount(columns))
  }

  /// Rounds rows of `x`, whose rows are `stride` floats apart, into rows from `row` on; on the calling thread.
  public func round(
    _ x: UnsafePointer<Float>, stride: Int, intoRow row: Int, count: Int, on backend: Backend
  ) {
    backend.kernels.round_rows(numbers(ofRow: row), 2 * pairs.columns, x, stride, count, columns)
  }

  fileprivate func numbers(ofRow row: Int) -> UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(pairs.row(row)).assumingMemoryBound(to: UInt16.self)
  }
}

/// A matrix rounded to bfloat16 and packed in panels of 32 columns, pairs of neighbouring rows side by side: the right
/// operand of a product, or the transpose of a left one.
///
/// Its rows are the inner dimension. Where that is a batch, every lane starts at a multiple of 16 pairs, so that a
/// product can be cut there.
public struct PackedPairs: Sendable {
  public let columns: Int
  /// Where the lanes' pairs are; one for a weight.
  let lanes: [capstan_segment]
  /// [panels, pairs · 32]
  let panels: Matrix

  /// An uninitialised matrix.
  /// - Parameter laneRows: rows of each lane.
  public init(laneRows: [Int], columns: Int, on backend: Backend) {
    self.columns = columns
    var lanes: [capstan_segment] = []
    var end = 0
    for rows in laneRows {
      lanes.append(capstan_segment(first: end, count: (rows + 1) / 2))
      end += pairCount(rows)
    }
    self.lanes = lanes
    panels = backend.matrix(panelCount(columns), end * panelWidth)
  }

  /// An uninitialised weight of [rows, columns] in memory of ``count(rows:columns:)`` floats.
  init(rows: Int, columns: Int, in memory: Matrix) {
    self.columns = columns
    lanes = [capstan_segment(first: 0, count: (rows + 1) / 2)]
    panels = memory.reshaped(rows: panelCount(columns), columns: pairCount(rows) * panelWidth)
  }

  /// Floats that the pairs of a weight take.
  static func count(rows: Int, columns: Int) -> Int { panelCount(columns) * pairCount(rows) * panelWidth }

  /// Packs a lane's rows of `x`, as many as it has; on the calling thread.
  public func packLane(_ lane: Int, _ x: RoundedRows, rows: Range<Int>, on backend: Backend) {
    backend.kernels.pack_rounded_rows(
      words(panel: 0) + lanes[lane].first * panelWidth, panels.columns, pairCount(rows.count),
      x.numbers(ofRow: rows.lowerBound), 2 * x.pairs.columns, rows.count, columns)
  }

  /// Packs rows, of which there are an even number or the last of a lane, from a pair on.
  func packRows(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, fromPair pair: Int, on backend: Backend
  ) {
    backend.kernels.pack_rows(
      words(panel: 0) + pair * panelWidth, panels.columns, pairCount(rows), x, stride, rows, columns)
  }

  /// Packs at most 32 rows of the transpose as one panel.
  func packPanel(
    _ panel: Int, _ x: UnsafePointer<Float>, rows: Int, columns: Int, on backend: Backend
  ) {
    backend.kernels.pack_columns(words(panel: panel), x, columns, rows, columns)
  }

  func words(panel: Int) -> UnsafeMutablePointer<UInt32> { panels.row(panel).words }
}

/// Both packed forms of a weight, for products with it and with its transpose.
public struct PackedWeight: Sendable {
  /// Its rows are the inner dimension.
  public let straight: PackedPairs
  /// Its columns are the inner dimension.
  public let transposed: PackedPairs

  /// Uninitialised forms of a weight of [rows, columns] in memory of ``count(rows:columns:)`` floats, which starts at a
  /// multiple of 16.
  public init(rows: Int, columns: Int, in memory: Matrix) {
    let count = PackedPairs.count(rows: rows, columns: columns)
    straight = PackedPairs(rows: rows, columns: columns, in: memory.slice(0, count: count))
    transposed = PackedPairs(
      rows: columns, columns: rows, in: memory.slice(count, count: memory.count - count))
  }

  /// Floats that both forms take.
  public static func count(rows: Int, columns: Int) -> Int {
    PackedPairs.count(rows: rows, columns: columns) + PackedPairs.count(rows: columns, columns: rows)
  }

  /// Refreshes both forms where they come from `rows` of `weight`, the first of which is a multiple of 32; on the
  /// calling thread.
  public func pack(_ weight: Matrix, rows: Range<Int>, on backend: Backend) {
    straight.packRows(
      weight.row(rows.lowerBound), stride: weight.columns, rows: rows.count, fromPair: rows.lowerBound / 2,
      on: backend)
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: panelWidth) {
      transposed.packPanel(
        first / panelWidth, weight.row(first), rows: min(panelWidth, rows.upperBound - first),
        columns: weight.columns, on: backend)
    }
  }
}

/// Columns of a panel, and the rows to a multiple of which a left operand is read.
let panelWidth = Int(CAPSTAN_PANEL)

/// Pairs that hold as many numbers, up to the multiple that operands are padded to.
private func pairCount(_ numbers: Int) -> Int { ((numbers + 1) / 2).padded(to: Int(CAPSTAN_PAIRS)) }

/// Panels that hold as many columns.
private func panelCount(_ columns: Int) -> Int { columns.padded(to: panelWidth) / panelWidth }

extension Int {
  func padded(to multiple: Int) -> Int { (self + multiple - 1) / multiple * multiple }
}

extension UnsafeMutablePointer<Float> {
  /// The same memory as 32-bit words, in which pairs of bfloat16 are kept.
  var words: UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt32.self)
  }
}
