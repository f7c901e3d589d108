import Tensors

/// Edge of the square tiles of a weight gradient: the four tiles of a lane sum stay in a core's cache.
private let gradientTile = 256

extension Backend {
  /// y = x · w + bias + addend, or y += x · w. x: [rows, inner], w: [inner, columns], bias: [columns], y and addend:
  /// [rows, columns].
  ///
  /// In float32 each lane's rows are multiplied on their own, a task for each block of columns.
  public func multiply(
    _ x: MatmulInput, _ w: WeightOperand, into y: Matrix, bias: Matrix? = nil, addend: Matrix? = nil,
    accumulate: Bool = false, columnBlock: Int = 1024
  ) {
    switch x.elements {
    case .rounded(let rows):
      multiply(rows, w.packed, inner: w.rows, into: y, bias: bias, addend: accumulate ? y : addend)
    case .exact(let matrix):
      if let bias {
        inRowBlocks(of: y) { rows in
          kernels.fill_rows(y.row(rows.lowerBound), bias.pointer, rows.count, y.columns)
        }
      }
      let blocks = max(1, (y.columns + columnBlock - 1) / columnBlock)
      let width = ((y.columns + blocks - 1) / blocks).padded(to: 16)
      pool.parallel(x.packing.lanes * blocks) { task in
        let rows = x.packing.rows(ofLane: task / blocks)
        let column = task % blocks * width
        multiply(
          matrix, rows: rows, w, columns: column..<min(column + width, y.columns),
          into: y.row(rows.lowerBound) + column, stride: y.columns, accumulate: accumulate || bias != nil)
      }
      if let addend { add(addend, y, into: y) }
    }
  }

  /// y = f(x · w + bias), and what the slope of f is computed from, if it is wanted (``AppliedActivation``).
  func multiply(
    _ x: MatmulInput, _ w: WeightOperand, outputs: Int, bias: Matrix?, _ function: Activation,
    keepingKnown: Bool,
    columnBlock: Int
  ) -> (y: BatchElements, known: BatchElements) {
    if case .rounded(let x) = x.elements, function.endsProducts {
      let y = BF16Rows(rows: x.rows, columns: outputs, on: self)
      let kept =
        keepingKnown && function != .relu ? BF16Rows(rows: x.rows, columns: outputs, on: self) : nil
      multiply(x, w.packed, bias: bias, function, into: y, keeping: kept)
      return (.rounded(y), .rounded(kept ?? y))
    }
    let input = matrix(x.packing.rows, outputs)
    multiply(x, w, into: input, bias: bias, columnBlock: columnBlock)
    let y = keepingKnown && function.slopeTakesInput ? matrix(x.packing.rows, outputs) : input
    activate(input, function, into: y)
    return (operands(.exact(y)), .exact(function.slopeTakesInput ? input : y))
  }

  /// A block of x · w on the calling thread.
  /// - Parameters:
  ///   - rows: in bfloat16 the first is a multiple of 32.
  ///   - columns: the first is a multiple of 32.
  ///   - y: the block's first element; its rows are `stride` floats apart.
  func multiply(
    _ x: MatmulInput, rows: Range<Int>, _ w: WeightOperand, columns: Range<Int>,
    into y: UnsafeMutablePointer<Float>,
    stride: Int
  ) {
    switch x.elements {
    case .rounded(let matrix):
      multiply(matrix, rows: rows, w.packed, columns: columns, inner: w.rows, into: y, stride: stride)
    case .exact(let matrix):
      multiply(matrix, rows: rows, w, columns: columns, into: y, stride: stride, accumulate: false)
    }
  }

  private func multiply(
    _ x: Matrix, rows: Range<Int>, _ w: WeightOperand, columns: Range<Int>,
    into y: UnsafeMutablePointer<Float>,
    stride: Int, accumulate: Bool
  ) {
    Tensors.multiply(
      x.operand(fromRow: rows.lowerBound), w.operand.from(row: 0, column: columns.lowerBound), into: y,
      stride: stride, rows: rows.count, columns: columns.count, inner: w.rows.count, accumulate: accumulate)
  }

  /// c = the sum over lanes of aᵀ · b, each lane's rows on their own, added in the fixed tree.
  /// a: [rows, m or more], b: [rows, n], c: [m, n].
  public func weightGradientMatmul(_ a: MatmulInput, _ b: MatmulInput, into c: Matrix) {
    if let a = a.left, let b = b.right { return weightGradientMatmul(a, b, into: c) }
    guard case .exact(let left) = a.elements, case .exact(let right) = b.elements else {
      preconditionFailure("both operands of a product are of one precision")
    }
    let across = (c.columns + gradientTile - 1) / gradientTile
    let down = (c.rows + gradientTile - 1) / gradientTile
    pool.parallel(across * down) { task in
      let row = task / across * gradientTile
      let column = task % across * gradientTile
      let height = min(gradientTile, c.rows - row)
      let width = min(gradientTile, c.columns - column)
      var sum = TreeReducer(count: height * width, on: self)
      for lane in 0..<a.packing.lanes {
        let rows = a.packing.rows(ofLane: lane)
        sum.add { tile in
          Tensors.multiply(
            left.operand(fromRow: rows.lowerBound).transposed.from(row: row, column: 0),
            right.operand(fromRow: rows.lowerBound).from(row: 0, column: column), into: tile, stride: width,
            rows: height, columns: width, inner: rows.count)
        }
      }
      withExtendedLifetime(sum.total()) { total in
        for r in 0..<height {
          (c.row(row + r) + column).update(from: total.pointer + r * width, count: width)
        }
      }
    }
  }
}
