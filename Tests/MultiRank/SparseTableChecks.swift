import Autograd
import Collectives
import Tensors

/// Two embedding tables that no head is tied to, one of them looked up twice, and a batch of eight lanes, of which the
/// last looks nothing up.
private struct TwoTables {
  static let lanes = 8
  static let width = 1024
  let a = Parameter("a", shape: [300, width], .normal(deviation: 1), isMatmulWeight: true)
  let b = Parameter("b", shape: [130, width], .normal(deviation: 1), isMatmulWeight: true)
  let positions = Parameter("positions", shape: [3, width], .normal(deviation: 1))
  let head = Parameter("head", shape: [40, width], .normal(deviation: 0.03), isMatmulWeight: true)
  let arena: ParameterArena
  let backend: Backend

  init(in memory: SharedNodeMemory? = nil, on backend: Backend) {
    self.backend = backend
    arena = ParameterArena([positions, head, a, b], isTrainable: { _ in true }, in: memory, on: backend)
  }

  /// The tokens of a table that a row of the batch is looked up as, at one of three lookups; nil for none.
  static func token(_ row: Int, lookup: Int, step: Int) -> Int32? {
    guard row / 6 < lanes - 1, (row + lookup + step) % 3 > 0 else { return nil }
    return Int32((row * row + 31 * lookup + step) % (lookup == 1 ? 130 : 300))
  }

  static func lookups(_ lanes: Range<Int>, lookup: Int, step: Int) -> [Int32] {
    (6 * lanes.lowerBound..<6 * lanes.upperBound).compactMap { token($0, lookup: lookup, step: step) }
  }

  /// Forward and backward over some lanes.
  func pass(_ lanes: Range<Int>, step: Int, ready: (Int) -> Void) -> [SparseGradient] {
    let rows = 6 * lanes.lowerBound..<6 * lanes.upperBound
    let packing = Packing(lengths: lanes.flatMap { _ in [3, 3] }, laneSizes: lanes.map { _ in 2 })
    let features = backend.matrix(rows.count, Self.width)
    for row in rows {
      var random = Philox(seed: UInt64(row), stream: UInt64(step))
      let values = (0..<Self.width).map { _ in Float(random.normal()) }
      features.rows(from: row - rows.lowerBound, count: 1).assign(values)
    }
    return withoutActuallyEscaping(ready) { ready in
      let tape = Tape(on: backend)
      var prefix = ReadyPrefix(of: arena)
      tape.afterBackwardStep = {
        prefix.finish($0)
        ready(prefix.offset)
      }
      var x = Variable(features, packing: packing)
      for (lookup, table) in [a, b, a].enumerated() {
        let sources = rows.map { row -> InputRow in
          Self.token(row, lookup: lookup, step: step).map { .token($0) } ?? .prefix(row - rows.lowerBound)
        }
        x = tape.embed(
          sources, positions: rows.map { $0 % 3 }, prefix: x, tokens: table, positionTable: positions,
          packing: packing)
        x = tape.multiply(x, x)
      }
      let targets = Targets(
        ids: rows.map { Int32($0 % 40) }, weights: rows.map { _ in 1 }, lossDenominator: 48)
      _ = tape.fusedLinearCrossEntropy(tape.input(x), table: head, targets: targets)
      tape.backward(covering: arena.trainableParameters)
      tape.afterBackwardStep = nil
      return tape.sparseGradients
    }
  }

  /// A block's gradient, or its values.
  static func numbers(_ buffer: Matrix, _ block: UpdateBlock) -> [Float] {
    buffer.slice(block.range.lowerBound, count: block.range.count).elements
  }
}

extension CollectivesChecks {
  /// Gradients of tables, in two steps, have the bits of one rank, where some ranks look nothing up.
  mutating func tablesGetTheGradientsOfOneRank() {
    let memory = SharedNodeMemory(communicator)
    let (model, alone) = (TwoTables(in: memory, on: backend), TwoTables(on: backend))
    model.arena.initialize(seed: 1)
    alone.arena.initialize(seed: 1)
    communicator.barrier()
    let reduction = GradientReduction(
      model.arena.blocks.map(\.range), of: model.arena.gradientBuffers, in: memory, bucketFloats: 100_000,
      communicator: communicator, on: backend)
    let bounds = (0...communicator.size).map { TwoTables.lanes * $0 / communicator.size }
    let lanes = bounds[communicator.rank]..<bounds[communicator.rank + 1]
    for step in 0..<2 {
      let rows = model.pass(lanes, step: step) { reduction.markReady(upTo: $0) }
      reduction.finish()
      communicator.reduceSparseGradients(
        rows, to: [model.a, model.b], in: model.arena, reduction, on: backend)
      for gradient in alone.pass(0..<TwoTables.lanes, step: step, ready: { _ in }) {
        for (index, id) in gradient.ids.enumerated() {
          guard let sum = gradient.table.gradient?.row(Int(id)) else { continue }
          backend.kernels.add(sum, sum, gradient.rows.row(index), TwoTables.width)
        }
      }
      for (index, block) in model.arena.blocks.enumerated() where reduction.owns(index) {
        // What is summed over lanes is the tree's where ranks share these evenly.
        let isSparse = block.parameter === model.a || block.parameter === model.b
        guard isSparse || TwoTables.lanes % communicator.size == 0 else { continue }
        check(
          TwoTables.numbers(model.arena.gradients, block) == TwoTables.numbers(alone.arena.gradients, block),
          "the gradient of \(block.parameter.name), rows \(block.rows), in step \(step)")
      }
      communicator.barrier()
    }
  }

  /// The rows that a rank looks up come to it exactly, of each table its own.
  mutating func lookedUpRowsAreFetched() {
    let memory = SharedNodeMemory(communicator)
    let (model, alone) = (TwoTables(in: memory, on: backend), TwoTables(on: backend))
    alone.arena.initialize(seed: 2)
    let reduction = GradientReduction(
      model.arena.blocks.map(\.range), of: model.arena.gradientBuffers, in: memory, bucketFloats: 100_000,
      communicator: communicator, on: backend)
    for (index, block) in model.arena.blocks.enumerated() where reduction.owns(index) {
      let exact = TwoTables.numbers(alone.arena.values, block)
      model.arena.values.slice(block.range.lowerBound, count: block.range.count).assign(exact)
    }
    communicator.barrier()
    let tables = [model.a, model.b]
    // The last rank looks nothing up in the second table.
    let lookups = tables.enumerated().map { lookup, table in
      let isLast = communicator.rank == communicator.size - 1
      let lanes = lookup == 1 && isLast ? 0..<0 : communicator.rank % 7..<communicator.rank % 7 + 1
      return EmbeddingLookup(
        table: table, ids: TwoTables.lookups(lanes, lookup: lookup, step: 0))
    }
    communicator.fetchEmbeddingRows(lookups, in: model.arena, reduction)
    for (lookup, exact) in zip(lookups, [alone.a, alone.b]) {
      for id in lookup.ids {
        check(
          lookup.table.value.rows(from: Int(id), count: 1).elements
            == exact.value.rows(from: Int(id), count: 1).elements,
          "row \(id) of \(exact.name) has been fetched")
      }
    }
    communicator.barrier()
  }
}
