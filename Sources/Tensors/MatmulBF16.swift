import CKernels
import Foundation

/// Numbers of the inner dimension that a product takes in one pass: a panel of the right operand must not outgrow the
/// caches.
private let longestInner = 4096
/// Floats of a result from which on it is written past the caches, if it is not read soon.
private let streamedCount = 1 << 18
/// Bytes of a core's second cache.
private let secondCache = {
  let bytes = sysconf(Int32(_SC_LEVEL2_CACHE_SIZE))
  return bytes > 0 ? bytes : 1 << 20
}()

extension Backend {
  /// Rounds a matrix to bfloat16.
  public func rounded(_ x: Matrix) -> BF16Rows {
    let y = BF16Rows(rows: x.rows, columns: x.columns, on: self)
    inRowBlocks(of: x) { rows in
      y.round(
        x.row(rows.lowerBound), stride: x.columns, intoRow: rows.lowerBound, count: rows.count, on: self)
    }
    return y
  }

  /// c = a · b + bias + addend, in blocks that the threads share. The bits of an element depend on its row of a, its
  /// column of b, its bias and its addend alone. a: [rows, inner], b: [inner, columns], bias: [columns], c and addend:
  /// [rows, columns].
  /// - Parameters:
  ///   - inner: a range of b's rows, from a multiple of 32 on, that a's columns stand for; nil: all.
  ///   - addend: may be c.
  public func multiply(
    _ a: BF16Rows, _ b: PackedBF16Panels, inner: Range<Int>? = nil, into c: Matrix, bias: Matrix? = nil,
    addend: Matrix? = nil
  ) {
    let inner = inner ?? 0..<2 * b.pairs
    inProductBlocks(rows: c.rows, columns: c.columns, inner: min(inner.count, longestInner)) {
      rows, columns in
      let offset = rows.lowerBound * c.columns + columns.lowerBound
      multiply(
        a, rows: rows, b, columns: columns, inner: inner, into: c.pointer + offset, stride: c.columns,
        bias: bias,
        addend: addend.map { UnsafePointer($0.pointer + offset) })
    }
  }

  /// y = f(a · b + bias), rounded. The function takes its argument rounded, which `kept` gets; nil where nobody wants it.
  /// ReLU's slope is known from y. a: [rows, inner], b: [inner, columns], bias: [columns], y and kept: [rows, columns].
  public func multiply(
    _ a: BF16Rows, _ b: PackedBF16Panels, bias: Matrix?, _ function: Activation, into y: BF16Rows,
    keeping kept: BF16Rows?
  ) {
    multiply(a, b, bias: bias, ending: function.epilogues?.function, into: y, kept)
  }

  /// y = a · b times the activation's slope at `kept`, rounded.
  public func multiply(
    _ a: BF16Rows, _ b: PackedBF16Panels, slopeOf function: Activation, at kept: BF16Rows,
    into y: BF16Rows
  ) {
    multiply(a, b, bias: nil, ending: function.epilogues?.slope, into: y, kept)
  }

  private func multiply(
    _ a: BF16Rows, _ b: PackedBF16Panels, bias: Matrix?, ending epilogue: capstan_epilogue?,
    into y: BF16Rows,
    _ kept: BF16Rows?
  ) {
    guard let epilogue else { preconditionFailure("no product ends in this activation") }
    inProductBlocks(rows: y.rows, columns: y.columns, inner: 2 * b.pairs) { rows, columns in
      var product = capstan_product(a, rows: rows, b, columns: columns)
      product.epilogue = epilogue
      product.bias = bias.map { UnsafePointer($0.pointer + columns.lowerBound) }
      product.y = y.words(row: rows.lowerBound, column: columns.lowerBound)
      product.y_panel = y.panelWords
      product.kept = kept?.words(row: rows.lowerBound, column: columns.lowerBound)
      multiply(&product, pairs: b.pairs)
    }
  }

  /// A block of c = a · b + bias + addend, on the calling thread.
  /// - Parameters:
  ///   - rows: the first is a multiple of 32.
  ///   - columns: the first is a multiple of 32.
  ///   - inner: a range of b's rows, from a multiple of 32 on, that a's columns stand for; nil: all.
  ///   - c, addend: the block's first element; rows are `stride` floats apart.
  public func multiply(
    _ a: BF16Rows, rows: Range<Int>, _ b: PackedBF16Panels, columns: Range<Int>, inner: Range<Int>? = nil,
    into c: UnsafeMutablePointer<Float>, stride: Int, bias: Matrix? = nil,
    addend: UnsafePointer<Float>? = nil
  ) {
    let inner = inner ?? 0..<2 * b.pairs
    var product = capstan_product(a, rows: rows, b, columns: columns)
    product.c = c
    product.c_stride = stride
    product.bias = bias.map { UnsafePointer($0.pointer + columns.lowerBound) }
    product.addend = addend
    // Pieces of the inner dimension are added to each other in order.
    for first in Swift.stride(from: 0, to: max(1, inner.count), by: longestInner) {
      let count = min(longestInner, inner.count - first)
      product.a = UnsafePointer(a.words(row: rows.lowerBound, column: first))
      product.b = UnsafePointer(
        b.words(column: columns.lowerBound) + (inner.lowerBound + first) / 2 * panelWidth)
      multiply(&product, pairs: (count + 1) / 2)
      product.bias = nil
      product.addend = UnsafePointer(c)
    }
  }

  /// c = the sum over lanes of aᵀ · b, added in the fixed tree while a tile is in the core's registers and first cache.
  /// a: [rows, m], turned, b: [rows, n], c: [m, n].
  public func weightGradientMatmul(_ a: PackedBatch, _ b: PackedBatch, into c: Matrix) {
    // Others are no faster: what binds is that lanes are short (measured on Intel Emerald Rapids).
    let (height, width) = (256, 128)
    let down = (c.rows + height - 1) / height
    let across = (c.columns + width - 1) / width
    pool.parallel(down * across) { task in
      let (row, column) = (task % down * height, task / down * width)
      var product = capstan_product()
      product.a = UnsafePointer(a.words(column: row))
      product.a_panel = a.panelWords
      product.b = UnsafePointer(b.words(column: column))
      product.b_panel = b.panelWords
      product.rows = min(height, c.rows - row)
      product.columns = min(width, c.columns - column)
      product.c = c.row(row) + column
      product.c_stride = c.columns
      product.streams = c.count >= streamedCount
      b.lanes.withUnsafeBufferPointer { lanes in
        product.lanes = lanes.baseAddress
        product.lane_count = lanes.count
        kernels.multiply(&product)
      }
    }
  }

  private func multiply(_ product: inout capstan_product, pairs: Int) {
    var lane = capstan_lane(first_step: 0, pairs: pairs)
    withUnsafePointer(to: &lane) { lane in
      product.lanes = lane
      product.lane_count = 1
      kernels.multiply(&product)
    }
  }

  /// Cuts a product's result into blocks, which have no part in its bits, and runs them in parallel.
  ///
  /// A block has all columns and as many rows as leave their part of the left operand in the second cache, beside the
  /// right one that streams through it. Four blocks of rows lose 2 % against fewer in calm, and are 1.6 times as fast
  /// where somebody else uses the core's other thread (measured on Intel Emerald Rapids). Where there are few rows, columns
  /// are cut.
  private func inProductBlocks(
    rows: Int, columns: Int, inner: Int, _ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    let panels = (rows + panelWidth - 1) / panelWidth
    let panelBytes = 2 * panelWidth * max(1, inner)
    let most = max(1, secondCache * 2 / 5 / panelBytes)
    let (height, down) = cut(panels, into: max((panels + most - 1) / most, min(4, panels / 4)))
    let wanted = pool.threads == 1 ? 1 : 2 * pool.threads
    let (width, across) = cut(
      (columns + panelWidth - 1) / panelWidth, into: (wanted + down - 1) / max(1, down))
    pool.parallel(down * across) { task in
      let (row, column) = (task / across * height * panelWidth, task % across * width * panelWidth)
      body(
        row..<min(rows, row + height * panelWidth), column..<min(columns, column + width * panelWidth))
    }
  }
}

/// How large parts are, and how many, where `count` is cut into about as many of one size.
private func cut(_ count: Int, into parts: Int) -> (size: Int, parts: Int) {
  let size = max(1, (count + max(1, parts) - 1) / max(1, parts))
  return (size, (count + size - 1) / size)
}

extension capstan_product {
  /// Of a block.
  fileprivate init(_ a: BF16Rows, rows: Range<Int>, _ b: PackedBF16Panels, columns: Range<Int>) {
    self.init()
    self.a = UnsafePointer(a.words(row: rows.lowerBound, column: 0))
    a_panel = a.panelWords
    self.b = UnsafePointer(b.words(column: columns.lowerBound))
    b_panel = b.panelWords
    self.rows = rows.count
    self.columns = columns.count
  }
}
