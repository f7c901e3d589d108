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
    w.count(rows: x.packing.rows, in: operations)
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
      w.count(rows: x.rows, in: operations)
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
    let rows = 0..<c.rows
    weightGradientMatmul([WeightGradientProduct(a: a, b: b, rows: rows)], rows: rows, into: c)
  }

  /// c = some rows of the sum over lanes, in the fixed tree, of each lane's sum over products, in order; zeros where there
  /// is no product.
  /// - Parameters:
  ///   - products: that have all these rows; in bfloat16 from a multiple of 32 on.
  ///   - c: [rows.count, n]
  func weightGradientMatmul(_ products: [WeightGradientProduct], rows: Range<Int>, into c: Matrix) {
    guard let first = products.first else { return fillWithZeros(c) }
    let lanes = first.a.packing.lanes
    precondition(
      products.allSatisfy { $0.a.packing.lanes == lanes && $0.b.packing.lanes == lanes },
      "all uses of a weight have the lanes of one batch")
    if let (a, b) = packed(products, rows) { return weightGradientMatmul(a, b, into: c) }
    let operands = products.map { product -> (left: Matrix, column: Int, right: Matrix, packing: Packing) in
      guard case .exact(let left) = product.a.elements, case .exact(let right) = product.b.elements else {
        preconditionFailure("both operands of a product are of one precision")
      }
      return (left, rows.lowerBound - product.rows.lowerBound, right, product.a.packing)
    }
    let across = (c.columns + gradientTile - 1) / gradientTile
    let down = (c.rows + gradientTile - 1) / gradientTile
    let tile = min(gradientTile, c.rows) * min(gradientTile, c.columns)
    parallel(across * down, scratch: TreeReducer.mostSums(ofLanes: lanes) * tile) { task in
      let row = task / across * gradientTile
      let column = task % across * gradientTile
      let height = min(gradientTile, c.rows - row)
      let width = min(gradientTile, c.columns - column)
      var sum = TreeReducer(count: height * width, on: self)
      for lane in 0..<lanes {
        sum.add { tile in
          var accumulate = false
          for (left, firstColumn, right, packing) in operands {
            let rows = packing.rows(ofLane: lane)
            Tensors.multiply(
              left.operand(fromRow: rows.lowerBound).transposed.from(row: firstColumn + row, column: 0),
              right.operand(fromRow: rows.lowerBound).from(row: 0, column: column), into: tile, stride: width,
              rows: height, columns: width, inner: rows.count, accumulate: accumulate)
            accumulate = true
          }
        }
      }
      withExtendedLifetime(sum.total()) { total in
        for r in 0..<height {
          (c.row(row + r) + column).update(from: total.pointer + r * width, count: width)
        }
      }
    }
  }

  /// The operands of products in bfloat16, the rows of one under those of the other in each lane; nil in float32.
  private func packed(_ products: [WeightGradientProduct], _ rows: Range<Int>) -> (PackedBatch, PackedBatch)?
  {
    if products.count == 1, products[0].rows.lowerBound == rows.lowerBound {
      return products[0].a.left.flatMap { a in products[0].b.right.map { b in (a, b) } }
    }
    let lefts = products.compactMap { $0.a.part(fromColumn: rows.lowerBound - $0.rows.lowerBound) }
    let rights = products.compactMap { $0.b.part(fromColumn: 0) }
    guard lefts.count == products.count, rights.count == products.count else { return nil }
    return (
      PackedBatch(lefts, columns: rows.count, .left, on: self),
      PackedBatch(rights, columns: products[0].b.elements.columns, .right, on: self)
    )
  }
}

/// What a use of a weight adds to some rows of its gradient: aᵀ · b, the inner dimension being rows of the batch.
struct WeightGradientProduct {
  /// [batch, rows.count or more]
  let a: MatmulInput
  /// [batch, columns of the gradient]
  let b: MatmulInput
  /// Of the gradient.
  let rows: Range<Int>
}
