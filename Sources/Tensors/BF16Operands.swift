import CKernels

/// A matrix rounded to bfloat16, in tiles (product.h): the left operand of a product.
public struct BF16Rows: Sendable {
  public let rows: Int
  public let columns: Int
  /// [panels of 32 rows, steps · 512]: zeros pad the columns, the rows behind the last hold anything.
  private let tiles: Matrix

  /// An uninitialised matrix.
  public init(rows: Int, columns: Int, on backend: Backend) {
    self.rows = rows
    self.columns = columns
    tiles = backend.matrix(panelCount(rows), stepCount(columns) * stepWords)
  }

  /// Rounds rows of `x`, whose rows are `stride` floats apart, into rows from `row` on; on the calling thread.
  public func round(
    _ x: UnsafePointer<Float>, stride: Int, intoRow row: Int, count: Int, on backend: Backend
  ) {
    backend.kernels.round_tiles(words, panelWords, row, x, stride, count, columns)
  }

  /// Their sum over rows, in order; on the calling thread. sums: [columns]
  public func sum(_ rows: Range<Int>, into sums: UnsafeMutablePointer<Float>, on backend: Backend) {
    backend.kernels.sum_tiles(sums, words, panelWords, rows.lowerBound, rows.count, columns)
  }

  /// The numbers in float32, [rows, columns].
  public func widened(on backend: Backend) -> Matrix {
    let y = backend.matrix(rows, columns)
    backend.inRowBlocks(of: y) { rows in
      backend.kernels.widen_tiles(
        y.row(rows.lowerBound), columns, words, panelWords, rows.lowerBound, rows.count, columns)
    }
    return y
  }

  var words: UnsafeMutablePointer<UInt32> { tiles.pointer.words }
  var panelWords: Int { tiles.columns }

  /// From a row and a column on, both multiples of 32.
  func words(row: Int, column: Int) -> UnsafeMutablePointer<UInt32> {
    precondition(row % panelWidth == 0 && column % panelWidth == 0, "products are cut at multiples of 32")
    return words + row / panelWidth * panelWords + column / panelWidth * stepWords
  }
}

/// A matrix rounded to bfloat16 and packed in panels of 32 columns, pairs of neighbouring rows side by side: the right
/// operand of a product, whose inner dimension are its rows.
public struct PackedBF16Panels: Sendable {
  public let columns: Int
  /// Pairs of rows.
  let pairs: Int
  /// [panels, steps · 512]
  private let panels: Matrix

  /// An uninitialised weight of [rows, columns] in memory of ``count(rows:columns:)`` floats.
  init(rows: Int, columns: Int, in memory: Matrix) {
    self.columns = columns
    pairs = (rows + 1) / 2
    panels = memory.reshaped(rows: panelCount(columns), columns: stepCount(rows) * stepWords)
  }

  /// Floats that the pairs of a weight take.
  static func count(rows: Int, columns: Int) -> Int { panelCount(columns) * stepCount(rows) * stepWords }

  /// Packs rows, of which there are an even number or the last ones, from a pair on.
  func packRows(
    _ x: UnsafePointer<Float>, stride: Int, rows: Int, fromPair pair: Int, on backend: Backend
  ) {
    backend.kernels.pack_rows(
      words(column: 0) + pair * panelWidth, panelWords, stepCount(rows) * Int(CAPSTAN_PAIRS), x, stride, rows,
      columns)
  }

  /// Packs at most 32 rows of the transpose as one panel.
  func packPanel(
    _ panel: Int, _ x: UnsafePointer<Float>, rows: Int, columns: Int, on backend: Backend
  ) {
    backend.kernels.pack_columns(words(column: panel * panelWidth), x, columns, rows, columns)
  }

  var panelWords: Int { panels.columns }

  /// From a column on, which is a multiple of 32.
  func words(column: Int) -> UnsafeMutablePointer<UInt32> { panels.row(column / panelWidth).words }
}

/// Both packed forms of a weight, for products with it and with its transpose.
public struct PackedWeight: Sendable {
  /// Its rows are the inner dimension.
  public let straight: PackedBF16Panels
  /// Its columns are the inner dimension.
  public let transposed: PackedBF16Panels

  /// Uninitialised forms of a weight of [rows, columns] in memory of ``count(rows:columns:)`` floats, which starts at a
  /// multiple of 16.
  public init(rows: Int, columns: Int, in memory: Matrix) {
    let count = PackedBF16Panels.count(rows: rows, columns: columns)
    straight = PackedBF16Panels(rows: rows, columns: columns, in: memory.slice(0, count: count))
    transposed = PackedBF16Panels(
      rows: columns, columns: rows, in: memory.slice(count, count: memory.count - count))
  }

  /// Floats that both forms take.
  public static func count(rows: Int, columns: Int) -> Int {
    PackedBF16Panels.count(rows: rows, columns: columns)
      + PackedBF16Panels.count(rows: columns, columns: rows)
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

/// A batch rounded to bfloat16 whose rows are the inner dimension: an operand of a weight's gradient. Every lane starts
/// at a step, so that the product is cut there.
public struct PackedBatch: Sendable {
  public enum Side: Sendable {
    /// Turned: the tiles of the transpose, made once for all blocks of the product.
    case left
    /// In panels.
    case right
  }

  public let columns: Int
  let lanes: [capstan_lane]
  /// [panels of 32 columns, steps · 512]
  private let panels: Matrix

  /// Some columns of rows, those of each lane one after the other.
  public struct Part: Sendable {
    fileprivate let x: BF16Rows
    fileprivate let column: Int
    fileprivate let lanes: [Range<Int>]

    /// - Parameter column: the first, a multiple of 32.
    public init(_ x: BF16Rows, column: Int = 0, lanes: [Range<Int>]) {
      (self.x, self.column, self.lanes) = (x, column, lanes)
    }
  }

  /// Packs the rows of each lane, which stand one after the other in `x`.
  public init(_ x: BF16Rows, _ side: Side, lanes: [Range<Int>], on backend: Backend) {
    self.init([Part(x, lanes: lanes)], columns: x.columns, side, on: backend)
  }

  /// Packs, of each lane, the rows of the first part, then those of the second, each from a step on.
  /// - Parameter parts: one at least, all with as many lanes.
  public init(_ parts: [Part], columns: Int, _ side: Side, on backend: Backend) {
    self.columns = columns
    var lanes: [capstan_lane] = []
    /// Of each part of each lane.
    var firstSteps: [[Int]] = []
    var steps = 0
    for lane in parts[0].lanes.indices {
      let first = steps
      var pairs = 0
      firstSteps.append([])
      for part in parts {
        let rows = part.lanes[lane].count
        firstSteps[lane].append(steps)
        if rows > 0 { pairs = (steps - first) * Int(CAPSTAN_PAIRS) + (rows + 1) / 2 }
        steps += stepCount(rows)
      }
      lanes.append(capstan_lane(first_step: first, pairs: pairs))
    }
    self.lanes = lanes
    panels = backend.matrix(panelCount(columns), steps * stepWords)
    // Tasks of 512 columns: lanes alone may be fewer than threads.
    let width = 512
    let across = (columns + width - 1) / width
    backend.pool.parallel(lanes.count * across) { [self, firstSteps] task in
      let (lane, column) = (task / across, task % across * width)
      for (part, firstStep) in zip(parts, firstSteps[lane]) {
        backend.kernels.pack_tiles(
          words(column: column) + firstStep * stepWords, panelWords,
          part.x.words(row: 0, column: part.column + column), part.x.panelWords,
          part.lanes[lane].lowerBound, part.lanes[lane].count, min(width, columns - column), side == .left)
      }
    }
  }

  var panelWords: Int { panels.columns }

  /// From a column on, which is a multiple of 32.
  func words(column: Int) -> UnsafeMutablePointer<UInt32> { panels.row(column / panelWidth).words }
}

/// Rows or columns of a panel: products are cut at multiples.
public let panelWidth = Int(CAPSTAN_PANEL)

/// Words of a step.
private let stepWords = Int(CAPSTAN_STEP)

/// Panels that hold as many rows or columns.
private func panelCount(_ count: Int) -> Int { count.padded(to: panelWidth) / panelWidth }

/// Steps that hold as many numbers of the inner dimension.
private func stepCount(_ numbers: Int) -> Int { panelCount(numbers) }

extension Int {
  /// The least multiple that is no less.
  public func padded(to multiple: Int) -> Int { (self + multiple - 1) / multiple * multiple }
}

extension UnsafeMutablePointer<Float> {
  /// The same memory as 32-bit words, in which pairs of bfloat16 are kept.
  var words: UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt32.self)
  }
}
