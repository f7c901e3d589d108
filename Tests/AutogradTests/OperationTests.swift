import Tensors
import Testing

@testable import Autograd

private let sets = Backend.instructionSets.filter(Backend.supports)
/// Five sequences in four lanes, one of which is empty.
private let packing = Packing(lengths: [3, 1, 4, 2, 5], laneSizes: [2, 0, 2, 1], firstSample: 3)

private func input(_ width: Int, on backend: Backend, seed: UInt64 = 1, _ packing: Packing = packing)
  -> Variable
{
  Variable(
    randomMatrix(packing.rows, width, on: backend, seed: seed), packing: packing, requiresGradient: true)
}

@Suite struct OperationGradients {
  @Test(arguments: sets, [WeightLayout.inputsByOutputs, .outputsByInputs])
  func linear(set: String, layout: WeightLayout) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let weight = Parameter("w", shape: layout == .inputsByOutputs ? [7, 19] : [19, 7], .zeros)
    let bias = Parameter("b", shape: [19], .zeros)
    let arena = bind([weight, bias], on: backend)
    let x = input(7, on: backend)
    GradientCheck(backend, inputs: [x], parameters: [weight, bias])() {
      $0.linear(x, weight: weight, bias: bias, layout: layout)
    }
    #expect(arena.trainableCount == 7 * 19 + 11 + 32)
  }

  @Test(arguments: sets) func layerNorm(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let (scale, shift) = (Parameter("s", shape: [21], .ones), Parameter("h", shape: [21], .zeros))
    _ = bind([scale, shift], on: backend)
    let x = input(21, on: backend)
    GradientCheck(backend, inputs: [x], parameters: [scale, shift])(tolerance: 5e-3) {
      $0.layerNorm(x, scale: scale, shift: shift, epsilon: 1e-5)
    }
  }

  @Test(arguments: sets, [Activation.gelu, .relu, .tanh])
  func activation(set: String, function: Activation) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let x = input(13, on: backend)
    // Central differences are wrong where they straddle ReLU's corner.
    for i in 0..<x.value.count where abs(x.value.pointer[i]) < 0.05 { x.value.pointer[i] += 0.1 }
    GradientCheck(backend, inputs: [x])() { $0.activate(x, function) }
  }

  @Test(arguments: sets) func addAndDropout(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let (a, b) = (input(33, on: backend), input(33, on: backend, seed: 2))
    GradientCheck(backend, inputs: [a, b])(dropout: DropoutKey(seed: 3, step: 4)) { tape in
      let sum = tape.add(a, tape.dropout(b, probability: 0.3))
      return tape.add(tape.add(sum, a), sum)
    }
  }

  @Test func rows() throws {
    let backend = try Backend(threads: 2)
    let x = input(6, on: backend)
    GradientCheck(backend, inputs: [x])() {
      $0.selectRows(x, [2, 3, 7, 9, 14], packing: packing.with(length: 1))
    }
    GradientCheck(backend, inputs: [x])() { $0.splitRows(x, pieces: 3) }
    let constant = Parameter("c", shape: [2, 6], .zeros)
    _ = bind([constant], on: backend)
    GradientCheck(backend, inputs: [x], parameters: [constant])() { $0.appendRows(x, constant) }
  }

  @Test func embedding() throws {
    let backend = try Backend(threads: 2)
    let tokens = Parameter("wte", shape: [9, 5], .zeros)
    let positions = Parameter("wpe", shape: [8, 5], .zeros)
    _ = bind([tokens, positions], on: backend)
    let prefixPacking = packing.with(length: 1)
    let prefix = input(5, on: backend, prefixPacking)
    var sources: [InputRow] = []
    var places: [Int] = []
    for sequence in 0..<packing.sequences {
      for position in 0..<packing.rows(ofSequence: sequence).count {
        sources.append(position == 0 ? .prefix(sequence) : .token(Int32((sequence + position) % 3)))
        places.append(position)
      }
    }
    // The rows of the table are added to what the head, which is tied to it, has written.
    GradientCheck(backend, inputs: [prefix], parameters: [tokens, positions])(tolerance: 5e-3) {
      let embedded = $0.embed(
        sources, positions: places, prefix: prefix, tokens: tokens, positionTable: positions, packing: packing
      )
      return $0.linear(embedded, weight: tokens, layout: .outputsByInputs)
    }
  }

  @Test(arguments: sets, [true, false]) func jointAttention(set: String, causal: Bool) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let x = input(3 * 12, on: backend)
    GradientCheck(backend, inputs: [x])(tolerance: 5e-3) {
      $0.attention(.joint(x), heads: 2, causal: causal)
    }
    GradientCheck(backend, inputs: [x])(tolerance: 5e-3, dropout: DropoutKey(seed: 1, step: 2)) {
      $0.attention(.joint(x), heads: 3, causal: causal, dropout: 0.4)
    }
  }

  @Test(arguments: sets) func separateAttention(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let (queries, keysValues) = (input(34, on: backend), input(68, on: backend, seed: 2))
    GradientCheck(backend, inputs: [queries, keysValues])(tolerance: 5e-3) {
      $0.attention(.separate(queries: queries, keysValues: keysValues), heads: 2, causal: false)
    }
  }

  /// A vocabulary of more than one chunk, weights that are not all one.
  @Test(arguments: sets) func projectedCrossEntropy(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let table = Parameter("wte", shape: [1030, 6], .zeros)
    _ = bind([table], on: backend)
    let x = input(6, on: backend)
    let targets = Targets(
      ids: (0..<15).map { Int32($0 * 73 % 1030) }, weights: (0..<15).map { [0, 0.5, -2][$0 % 3] },
      normalizer: 10)
    let tape = Tape(on: backend)
    let lanes = tape.projectedCrossEntropy(x, table: table, targets: targets)
    tape.backward()
    #expect(lanes[1] == 0)
    func value() -> Double {
      let lanes = Tape(on: backend, recording: false).projectedCrossEntropy(x, table: table, targets: targets)
      return lanes.reduce(0, +) / targets.normalizer
    }
    let check = GradientCheck(backend)
    check.compare(try #require(x.gradient).elements, x.value, 5e-3, value)
    check.compare(try #require(table.gradient).elements, table.value, 5e-3, value)
  }

  /// In bfloat16 the products of a lane begin at any row, and nothing beyond the operands may be touched.
  @Test(arguments: sets + ["amx-emulated"]) func projectedCrossEntropyInBfloat16(set: String) throws {
    func pass(_ precision: Precision) throws -> (losses: [Double], gradients: [Float]) {
      let backend = try Backend(
        threads: 2, instructionSet: set, precision: precision, memory: MemoryPool(isGuarded: true))
      let table = Parameter("wte", shape: [1030, 6], .zeros, isFactor: true)
      let arena = bind([table], on: backend)
      arena.pack(on: backend)
      let x = input(6, on: backend)
      let targets = Targets(
        ids: (0..<15).map { Int32($0 * 73 % 1030) }, weights: Array(repeating: 1, count: 15), normalizer: 15)
      let tape = Tape(on: backend)
      let losses = tape.projectedCrossEntropy(x, table: table, targets: targets)
      tape.backward()
      return (losses, (x.gradient?.elements ?? []) + arena.gradients.elements)
    }
    let (exact, rounded) = (try pass(.float32), try pass(.bfloat16))
    for (a, b) in zip(exact.losses, rounded.losses) { #expect(abs(a - b) <= 0.01 * abs(a)) }
    #expect(exact.gradients.count == rounded.gradients.count)
    #expect(zip(exact.gradients, rounded.gradients).allSatisfy { abs($0 - $1) < 0.01 })
  }
}

@Suite struct Determinism {
  /// Gradients of four lanes on one rank, and of two and two on two, added: the same bits, at any thread count.
  @Test(arguments: [1, 3]) func lanesDoNotDependOnRanks(threads: Int) throws {
    let backend = try Backend(threads: threads)
    let weight = Parameter("w", shape: [300, 40], .zeros)
    let bias = Parameter("b", shape: [40], .zeros)
    let arena = bind([weight, bias], on: backend)
    let lengths = [3, 1, 4, 2, 5, 7, 2]
    let values = randomMatrix(24, 300, on: backend, seed: 4)
    func gradients(_ sequences: Range<Int>, _ laneSizes: [Int], fromRow row: Int) -> [Float] {
      let packing = Packing(lengths: Array(lengths[sequences]), laneSizes: laneSizes)
      let part = values.slice(row * 300, count: packing.rows * 300).reshaped(rows: packing.rows, columns: 300)
      let tape = Tape(on: backend)
      let y = tape.linear(
        Variable(part, packing: packing, requiresGradient: true), weight: weight, bias: bias,
        layout: .inputsByOutputs)
      y.addGradient(tape.activate(Variable(y.value, packing: packing), .tanh).value, on: backend)
      tape.backward()
      return arena.gradients.elements
    }
    let whole = gradients(0..<7, [2, 2, 2, 1], fromRow: 0)
    let halves = (gradients(0..<4, [2, 2], fromRow: 0), gradients(4..<7, [2, 1], fromRow: 10))
    #expect(whole == zip(halves.0, halves.1).map { $0 + $1 })
  }

  /// Many tiles, many times, on more threads than cores: scratch memory that is given back too early shows here.
  @Test func threadsDoNotShareScratch() throws {
    let packing = Packing(lengths: Array(repeating: 5, count: 8), laneSizes: Array(repeating: 1, count: 8))
    func gradients(threads: Int, times: Int) throws -> [[Float]] {
      let backend = try Backend(threads: threads)
      let weight = Parameter("w", shape: [1024, 768], .zeros)
      let arena = bind([weight], on: backend)
      let x = Variable(
        randomMatrix(40, 1024, on: backend, seed: 1), packing: packing, requiresGradient: true)
      let dy = randomMatrix(40, 768, on: backend, seed: 2)
      return (0..<times).map { _ in
        let tape = Tape(on: backend)
        tape.linear(x, weight: weight, layout: .inputsByOutputs).addGradient(dy, on: backend)
        tape.backward()
        return arena.gradients.elements
      }
    }
    let expected = try gradients(threads: 1, times: 1)[0]
    #expect(try gradients(threads: 4, times: 20).allSatisfy { $0 == expected })
  }

  @Test func instructionSetsAgree() throws {
    let results = try sets.map { set -> [Float] in
      let backend = try Backend(threads: 1, instructionSet: set)
      let x = input(48, on: backend)
      let tape = Tape(on: backend, dropout: DropoutKey(seed: 1, step: 1))
      let y = tape.dropout(
        tape.activate(tape.attention(.joint(x), heads: 2, causal: true, dropout: 0.1), .gelu),
        probability: 0.1)
      y.addGradient(y.value, on: backend)
      tape.backward()
      return y.value.elements + (x.gradient?.elements ?? [])
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }
}
