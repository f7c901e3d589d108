import Foundation
import Tensors
import Testing

@testable import Autograd

/// A parameter gets the whole gradient, however many operations use it, and with the same bits however the work is done.
@Suite struct SharedParameterTests {
  private struct Gradients {
    let loss: Double
    let byName: [String: [Float]]
  }

  /// The gradients of a graph: its lanes cut over passes, as over ranks or microbatches, whose sums are added in the tree,
  /// and behind them single rows in the order of the batch.
  private func gradients(
    of graph: RandomGraph, passes: Int = 1, threads: Int = 1, checkpointing: Bool = false,
    precision: Precision = .float32
  ) throws -> Gradients {
    let backend = try Backend(threads: threads, precision: precision, memory: MemoryPool(isGuarded: true))
    let parameters = RandomGraph.parameters()
    let arena = ParameterArena(parameters, isTrainable: { _ in true }, on: backend)
    arena.initialize(seed: 3)
    arena.pack(on: backend)
    let named = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
    var losses: [Double] = []
    var rows: [SparseGradient] = []
    var total = TreeReducer(count: arena.trainableCount, on: backend)
    let lanes = RandomGraph.packing.lanes / passes
    for pass in 0..<passes {
      let tape = Tape(on: backend, checkpointingActivations: checkpointing)
      losses.append(graph.loss(pass * lanes..<(pass + 1) * lanes, named, on: tape))
      var finished: [String: [Float]] = [:]
      tape.afterBackwardStep = {
        for parameter in $0 {
          #expect(finished[parameter.name] == nil, "\(parameter.name) is told of once")
          finished[parameter.name] = parameter.gradient?.elements
        }
      }
      // What an earlier pass has left must not show.
      for parameter in parameters { parameter.gradient?.fill(.nan) }
      tape.backward(covering: arena.trainableParameters)
      for parameter in parameters {
        #expect(finished[parameter.name] == parameter.gradient?.elements, "\(parameter.name) was final")
      }
      rows += tape.sparseGradients
      total.add { $0.update(from: arena.gradients.pointer, count: arena.trainableCount) }
    }
    arena.gradients.assign(total.total().elements)
    for rows in rows {
      for (index, id) in rows.ids.enumerated() {
        let sum = try #require(rows.table.gradient).row(Int(id))
        backend.kernels.add(sum, sum, rows.rows.row(index), rows.rows.columns)
      }
    }
    return Gradients(loss: losses.treeSum(), byName: named.compactMapValues { $0.gradient?.elements })
  }

  /// The same by the naive tape, from the values that a parameter has at first.
  private func naive(_ values: [String: NaiveTape.Node], _ graph: RandomGraph) -> NaiveTape.Node {
    let tape = NaiveTape()
    let loss = graph.loss(values, on: tape)
    tape.backward(from: loss)
    return loss
  }

  private func naiveValues() throws -> [String: NaiveTape.Node] {
    let parameters = RandomGraph.parameters()
    let arena = ParameterArena(parameters, isTrainable: { _ in false }, on: try Backend(threads: 1))
    arena.initialize(seed: 3)
    return Dictionary(
      uniqueKeysWithValues: parameters.map {
        ($0.name, NaiveTape.Node($0.rows, $0.columns, $0.value.elements.map(Double.init)))
      })
  }

  @Test(arguments: 0..<24) func areThoseOfANaiveTape(seed: UInt64) throws {
    let graph = RandomGraph(seed: seed)
    let found = try gradients(of: graph, threads: 2)
    let values = try naiveValues()
    let loss = naive(values, graph)
    #expect(abs(found.loss - loss.value[0]) < 1e-4 * (1 + abs(loss.value[0])))
    let scale = values.values.flatMap(\.gradient).map(abs).max() ?? 0
    for (name, node) in values {
      let differences = zip(found.byName[name] ?? [], node.gradient).map { abs(Double($0) - $1) }
      #expect(
        differences.count == node.value.count && differences.allSatisfy { $0 < 1e-4 * scale }, "\(name)")
    }
    let rounded = try gradients(of: graph, precision: .bfloat16)
    for (name, node) in values {
      let differences = zip(rounded.byName[name] ?? [], node.gradient).map { abs(Double($0) - $1) }
      #expect(differences.allSatisfy { $0 < 0.1 * scale }, "\(name) in bfloat16")
    }
  }

  /// Central differences of the loss, in double precision, as all parameters go in random directions.
  @Test(arguments: 0..<24) func areTheSlopesOfTheLoss(seed: UInt64) throws {
    let graph = RandomGraph(seed: seed)
    let found = try gradients(of: graph)
    let values = try naiveValues()
    var random = Philox(seed: seed, stream: "directions")
    let directions = values.mapValues { $0.value.map { _ in random.normal() } }
    func move(by step: Double) {
      for (name, node) in values {
        for (i, direction) in (directions[name] ?? []).enumerated() { node.value[i] += step * direction }
      }
    }
    let step = 1e-6
    move(by: step)
    let above = graph.loss(values, on: NaiveTape()).value[0]
    move(by: -2 * step)
    let below = graph.loss(values, on: NaiveTape()).value[0]
    let slope = directions.reduce(0) { sum, direction in
      zip(direction.value, found.byName[direction.key] ?? []).reduce(sum) { $0 + $1.0 * Double($1.1) }
    }
    let expected = (above - below) / (2 * step)
    #expect(abs(slope - expected) < 1e-3 * (1 + abs(expected)))
  }

  @Test(arguments: 0..<24, [Precision.float32, .bfloat16])
  func bitsDoNotDependOnHowTheWorkIsDone(seed: UInt64, precision: Precision) throws {
    let graph = RandomGraph(seed: seed)
    let expected = try gradients(of: graph, precision: precision)
    for (passes, threads, checkpointing) in [(2, 1, false), (4, 1, true), (1, 2, true), (2, 2, true)] {
      let found = try gradients(
        of: graph, passes: passes, threads: threads, checkpointing: checkpointing, precision: precision)
      #expect(abs(found.loss - expected.loss) < 1e-12)
      for (name, gradient) in expected.byName {
        #expect(
          found.byName[name] == gradient,
          "\(name) on \(passes) passes, \(threads) threads, checkpointing \(checkpointing)")
      }
    }
  }

  /// Graphs that use most parameters once would show nothing.
  @Test func graphsShareParameters() {
    let uses = (UInt64(0)..<24).map { seed in
      let text = "\(RandomGraph(seed: seed).steps)"
      return ["\"w0\"", "\"b0\"", "\"s0\"", "\"t0\"", "\"k\""].map {
        text.components(separatedBy: $0).count - 1
      }
    }
    for parameter in 0..<5 { #expect(uses.count { $0[parameter] > 1 } >= 6) }
  }

  /// A head of several chunks of the vocabulary, beside another and beside a layer that have the whole table.
  @Test(arguments: [Precision.float32, .bfloat16]) func aHeadOfChunks(precision: Precision) throws {
    let backend = try Backend(threads: 2, precision: precision)
    let table = Parameter("t", shape: [2100, 6], .normal(deviation: 0.05), isMatmulWeight: true)
    let arena = ParameterArena([table], isTrainable: { _ in true }, on: backend)
    arena.initialize(seed: 1)
    arena.pack(on: backend)
    let x = input(6, on: backend)
    let ids = (0..<x.rows).map { Int32(($0 * 419 + 1030) % 2100) }
    let targets = Targets(ids: ids, weights: ids.map { _ in 1 }, lossDenominator: 1)

    let tape = Tape(on: backend)
    func loss(_ x: Variable) {
      _ = tape.fusedLinearCrossEntropy(tape.input(x), table: table, targets: targets)
    }
    let wide = tape.linear(tape.input(x), weight: table, layout: .outputsByInputs)
    let y = tape.linear(tape.input(wide), weight: table, layout: .inputsByOutputs)
    loss(x)
    loss(y)
    tape.backward()

    let naive = NaiveTape()
    let values = NaiveTape.Node(2100, 6, table.value.elements.map(Double.init))
    let xs = NaiveTape.Node(x.rows, 6, x.value.elements.map(Double.init))
    let ys = naive.product(naive.product(xs, naive.transpose(values)), values)
    let losses = [xs, ys].map {
      naive.crossEntropy($0, values, ids.map(Int.init), ids.map { _ in 1 })
    }
    naive.backward(from: naive.sum(losses[0], losses[1]))
    let found = arena.gradients.elements
    // By rows, for those of targets are far larger than the others.
    for row in 0..<2100 {
      let expected = values.gradient[6 * row..<6 * row + 6]
      let scale = expected.map(abs).max() ?? 0
      let differences = zip(found[6 * row..<6 * row + 6], expected).map { abs(Double($0) - $1) }
      #expect(differences.allSatisfy { $0 < (precision == .float32 ? 1e-4 : 0.1) * scale }, "row \(row)")
    }
  }
}
