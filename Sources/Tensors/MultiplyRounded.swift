import CKernels

extension Backend {
  /// Rounds a matrix to bfloat16.
  public func rounded(_ x: Matrix) -> RoundedRows {
    let y = RoundedRows(rows: x.rows, columns: x.columns, on: self)
    let block = max(1, 16_384 / max(1, x.columns))
    pool.parallel((x.rows + block - 1) / block) { index in
      let row = index * block
      y.round(x.row(row), stride: x.columns, intoRow: row, count: min(block, x.rows - row), on: self)
    }
    return y
  }

  /// c = a · b + bias, or c += a · b, in blocks that the threads share. The bits of an element depend on its row of a,
  /// its column of b and its bias alone. a: [rows, inner], b: [inner, columns], bias: [columns].
  /// - Parameter inner: a range of b's rows, from a multiple of 32 on, that a's columns stand for; nil: all.
  public func multiply(
    _ a: RoundedRows, _ b: PackedPairs, inner: Range<Int>? = nil, into c: Matrix, bias: Matrix? = nil,
    accumulate: Bool = false
  ) {
    inProductBlocks(of: c) { rows, columns in
      if let bias {
        for row in rows {
          (c.row(row) + columns.lowerBound).update(
            from: bias.pointer + columns.lowerBound, count: columns.count)
        }
      }
      multiply(
        a, rows: rows, b, columns: columns, inner: inner, into: c.row(rows.lowerBound) + columns.lowerBound,
        stride: c.columns, accumulate: accumulate || bias != nil)
    }
  }

  /// A block of c = a · b, or c += a · b, on the calling thread.
  /// - Parameters:
  ///   - rows: from any row on.
  ///   - columns: the first is a multiple of 32.
  ///   - inner: a range of b's rows, from a multiple of 32 on, that a's columns stand for; nil: all.
  ///   - c: the block's first element; its rows are `stride` floats apart.
  public func multiply(
    _ a: RoundedRows, rows: Range<Int>, _ b: PackedPairs, columns: Range<Int>, inner: Range<Int>? = nil,
    into c: UnsafeMutablePointer<Float>, stride: Int, accumulate: Bool = false
  ) {
    let first = (inner?.lowerBound ?? 0) / 2
    let pairs = inner.map { ($0.count + 1) / 2 } ?? b.lanes[0].count
    var product = capstan_product(
      c: c, c_stride: stride, a: a.pairs.row(rows.lowerBound).words, a_panel: panelWidth * a.pairs.columns,
      a_row: a.pairs.columns, a_pair: 1,
      b: b.words(panel: columns.lowerBound / panelWidth) + first * panelWidth, b_panel: b.panels.columns,
      rows: rows.count, columns: columns.count)
    kernels.multiply(&product, pairs, accumulate)
  }

  /// c = the sum over lanes of aᵀ · b, added in the fixed tree while a tile is in the core's registers and first cache.
  /// a: [rows, m], b: [rows, n], c: [m, n].
  public func multiplyOverLanes(_ a: PackedPairs, _ b: PackedPairs, into c: Matrix) {
    inProductBlocks(of: c) { rows, columns in
      let (row, column) = (rows.lowerBound, columns.lowerBound)
      var product = capstan_product(
        c: c.row(row) + column, c_stride: c.columns, a: a.words(panel: row / panelWidth),
        a_panel: a.panels.columns, a_row: 1, a_pair: panelWidth, b: b.words(panel: column / panelWidth),
        b_panel: b.panels.columns, rows: rows.count, columns: columns.count)
      b.lanes.withUnsafeBufferPointer { kernels.multiply_lanes(&product, $0.baseAddress, $0.count) }
    }
  }

  /// Cuts a product's result into blocks for which both operands fit into a core's cache, and runs them in parallel.
  private func inProductBlocks(of c: Matrix, _ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void) {
    let (height, width) = (256, 128)
    let down = (c.rows + height - 1) / height
    let across = (c.columns + width - 1) / width
    pool.parallel(down * across) { task in
      let (row, column) = (task % down * height, task / down * width)
      body(row..<min(c.rows, row + height), column..<min(c.columns, column + width))
    }
  }
}
