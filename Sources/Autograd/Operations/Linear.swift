import Tensors

/// Whether a weight stands as `torch.nn.Linear` keeps it, [outputs, inputs], or as GPT-2's Conv1D does, [inputs,
/// outputs].
public enum WeightLayout: Sendable {
  case outputsByInputs, inputsByOutputs
}

extension Tape {
  /// y = x · W + b. x: [rows, inputs], b: [outputs], y: [rows, outputs].
  public func linear(
    _ x: Variable, weight: Parameter, bias: Parameter? = nil, layout: WeightLayout
  ) -> Variable {
    let inputs = x.width
    let outputs = layout == .inputsByOutputs ? weight.value.columns : weight.value.rows
    // w: [inputs, outputs]
    let w = layout == .inputsByOutputs ? weight.value.operand() : weight.value.operand().transposed
    let y = backend.matrix(x.rows, outputs)
    if let bias {
      backend.inRowBlocks(of: y) { rows in
        backend.kernels.fill_rows(y.row(rows.lowerBound), bias.value.pointer, rows.count, outputs)
      }
    }
    backend.multiplyLanes(
      x.value, w, into: y, lanes: x.packing, columnBlock: columnBlock, accumulate: bias != nil)

    let isTrained = weight.gradient != nil || bias?.gradient != nil
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient || isTrained)
    record(output, writing: [weight] + (bias.map { [$0] } ?? [])) { [backend, columnBlock] dy in
      if x.requiresGradient {
        let dx = backend.matrix(x.rows, inputs)
        backend.multiplyLanes(dy, w.transposed, into: dx, lanes: x.packing, columnBlock: columnBlock)
        x.addGradient(dx, on: backend)
      }
      if let gradient = weight.gradient {
        let (a, b) = layout == .inputsByOutputs ? (x.value, dy) : (dy, x.value)
        backend.multiplyOverLanes(a, b, into: gradient, lanes: x.packing)
      }
      if let gradient = bias?.gradient {
        backend.sumOverLanes(x.packing.lanes, count: outputs, into: gradient.pointer) { lane, sums in
          let rows = x.packing.rows(ofLane: lane)
          backend.kernels.column_sums(sums, dy.row(rows.lowerBound), rows.count, outputs, outputs)
        }
      }
    }
    return output
  }
}

/// Edge of the square tiles of a weight gradient: the four tiles of a lane sum stay in a core's cache.
private let gradientTile = 256

extension Backend {
  /// y = x · w for each lane's rows on their own, a task for each block of columns. x: [rows, inner], w: [inner, columns], y: [rows, columns].
  func multiplyLanes(
    _ x: Matrix, _ w: Operand, into y: Matrix, lanes packing: Packing, columnBlock: Int,
    accumulate: Bool = false
  ) {
    let blocks = max(1, (y.columns + columnBlock - 1) / columnBlock)
    let width = ((y.columns + blocks - 1) / blocks + 15) / 16 * 16
    pool.parallel(packing.lanes * blocks) { task in
      let rows = packing.rows(ofLane: task / blocks)
      let column = task % blocks * width
      multiply(
        x.operand(fromRow: rows.lowerBound), w.from(row: 0, column: column),
        into: y.row(rows.lowerBound) + column,
        stride: y.columns, rows: rows.count, columns: min(width, y.columns - column), inner: x.columns,
        accumulate: accumulate)
    }
  }

  /// c = the sum over lanes of aᵀ · b, each lane's rows on their own, added in the fixed tree.
  /// a: [rows, m], b: [rows, n], c: [m, n].
  func multiplyOverLanes(_ a: Matrix, _ b: Matrix, into c: Matrix, lanes packing: Packing) {
    let across = (c.columns + gradientTile - 1) / gradientTile
    let down = (c.rows + gradientTile - 1) / gradientTile
    pool.parallel(across * down) { task in
      let row = task / across * gradientTile
      let column = task % across * gradientTile
      let height = min(gradientTile, c.rows - row)
      let width = min(gradientTile, c.columns - column)
      var sum = LaneSum(count: height * width, on: self)
      for lane in 0..<packing.lanes {
        let rows = packing.rows(ofLane: lane)
        sum.add { tile in
          multiply(
            a.operand(fromRow: rows.lowerBound).transposed.from(row: row, column: 0),
            b.operand(fromRow: rows.lowerBound).from(row: 0, column: column), into: tile, stride: width,
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
