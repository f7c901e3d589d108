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
    let factor = Factor(weight, layout)
    let inputs = x.width
    let outputs = layout == .inputsByOutputs ? weight.value.columns : weight.value.rows
    let y = backend.matrix(x.rows, outputs)
    backend.multiply(x, factor, into: y, bias: bias?.value, columnBlock: columnBlock)

    let isTrained = weight.gradient != nil || bias?.gradient != nil
    let output = variable(y, x.packing, requiresGradient: x.requiresGradient || isTrained)
    // A frozen weight has no use for what went in.
    let input = weight.gradient == nil ? nil : x.value
    record(output, writing: [weight] + (bias.map { [$0] } ?? [])) {
      [backend, columnBlock, packing = x.packing, sum = x.gradientSum] dy in
      if let sum {
        let dx = backend.matrix(dy.rows, inputs)
        backend.multiply(
          Variable(dy, packing: packing), factor.transposed, into: dx, columnBlock: columnBlock)
        sum.add(dx, on: backend)
      }
      if let gradient = weight.gradient, let input {
        let (a, b) = layout == .inputsByOutputs ? (input, dy) : (dy, input)
        backend.multiplyOverLanes(a, b, into: gradient, lanes: packing)
      }
      if let gradient = bias?.gradient {
        backend.sumOverLanes(packing.lanes, count: outputs, into: gradient.pointer) { lane, sums in
          let rows = packing.rows(ofLane: lane)
          backend.kernels.column_sums(sums, dy.row(rows.lowerBound), rows.count, outputs, outputs)
        }
      }
    }
    return output
  }
}

/// A weight as the right operand of a product, as it stands or transposed, in the backend's precision.
public struct Factor {
  private let weight: Parameter
  private let isTransposed: Bool

  /// The factor that makes outputs of inputs.
  public init(_ weight: Parameter, _ layout: WeightLayout) {
    self.init(weight, isTransposed: layout == .outputsByInputs)
  }

  private init(_ weight: Parameter, isTransposed: Bool) {
    self.weight = weight
    self.isTransposed = isTransposed
  }

  /// The factor that makes gradients of inputs of those of outputs.
  public var transposed: Factor { Factor(weight, isTransposed: !isTransposed) }

  /// In float32.
  var operand: Operand { isTransposed ? weight.value.operand().transposed : weight.value.operand() }

  /// In bfloat16; nil in float32.
  var packed: PackedPairs? { isTransposed ? weight.packed?.transposed : weight.packed?.straight }
}

/// Edge of the square tiles of a weight gradient: the four tiles of a lane sum stay in a core's cache.
private let gradientTile = 256

extension Backend {
  /// y = x · w + bias. x: [rows, inner], w: [inner, columns], bias: [columns], y: [rows, columns].
  public func multiply(
    _ x: Variable, _ w: Factor, into y: Matrix, bias: Matrix? = nil, columnBlock: Int = 1024
  ) {
    if let packed = w.packed {
      multiply(x.rounded(on: self), packed, into: y, bias: bias)
      return
    }
    if let bias {
      inRowBlocks(of: y) { rows in
        kernels.fill_rows(y.row(rows.lowerBound), bias.pointer, rows.count, y.columns)
      }
    }
    multiplyLanes(
      x.value, w.operand, into: y, lanes: x.packing, columnBlock: columnBlock, accumulate: bias != nil)
  }

  /// y = x · w for each lane's rows on their own, a task for each block of columns. x: [rows, inner], w: [inner, columns], y: [rows, columns].
  public func multiplyLanes(
    _ x: Matrix, _ w: Operand, into y: Matrix, lanes packing: Packing, columnBlock: Int,
    accumulate: Bool = false
  ) {
    let blocks = max(1, (y.columns + columnBlock - 1) / columnBlock)
    let width = ((y.columns + blocks - 1) / blocks + 15) / 16 * 16
    pool.parallel(packing.lanes * blocks) { task in
      let rows = packing.rows(ofLane: task / blocks)
      let column = task % blocks * width
      Tensors.multiply(
        x.operand(fromRow: rows.lowerBound), w.from(row: 0, column: column),
        into: y.row(rows.lowerBound) + column,
        stride: y.columns, rows: rows.count, columns: min(width, y.columns - column), inner: x.columns,
        accumulate: accumulate)
    }
  }

  /// c = the sum over lanes of aᵀ · b, each lane's rows on their own, added in the fixed tree.
  /// a: [rows, m], b: [rows, n], c: [m, n].
  public func multiplyOverLanes(_ a: Matrix, _ b: Matrix, into c: Matrix, lanes packing: Packing) {
    if precision == .bfloat16 {
      multiplyOverLanes(packedLanes(a, packing), packedLanes(b, packing), into: c)
      return
    }
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
          Tensors.multiply(
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

  /// Packs a batch, whose rows are the inner dimension of a weight's gradient.
  public func packedLanes(_ x: Matrix, _ packing: Packing) -> PackedPairs {
    let lanes = (0..<packing.lanes).map { packing.rows(ofLane: $0) }
    let packed = PackedPairs(laneRows: lanes.map(\.count), columns: x.columns, on: self)
    pool.parallel(lanes.count) { lane in
      packed.packLane(
        lane, x.row(lanes[lane].lowerBound), stride: x.columns, rows: lanes[lane].count, on: self)
    }
    return packed
  }
}
