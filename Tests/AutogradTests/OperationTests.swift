import Tensors
import Testing

@testable import Autograd

@Suite struct OperationGradients {
  @Test(arguments: sets, [WeightLayout.inputsByOutputs, .outputsByInputs])
  func linear(set: String, layout: WeightLayout) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let weight = Parameter("w", shape: layout == .inputsByOutputs ? [7, 19] : [19, 7], .zeros)
    let bias = Parameter("b", shape: [19], .zeros)
    let arena = bind([weight, bias], on: backend)
    let x = input(7, on: backend)
    GradientCheck(backend, inputs: [x], parameters: [weight, bias])() {
      $0.linear($0.input(x), weight: weight, bias: bias, layout: layout)
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

  /// Two linear layers around an activation, whose gradient comes of the second.
  @Test(arguments: sets, [Activation.gelu, .relu, .tanh])
  func activation(set: String, function: Activation) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let (expand, bias) = (Parameter("w", shape: [5, 13], .zeros), Parameter("b", shape: [13], .zeros))
    let contract = Parameter("v", shape: [13, 6], .zeros)
    _ = bind([expand, bias, contract], on: backend)
    // Central differences are wrong where they straddle ReLU's corner.
    if function == .relu { bias.value.assign((0..<13).map { Float($0 % 2 == 0 ? 30 : -30) }) }
    let x = input(5, on: backend)
    GradientCheck(backend, inputs: [x], parameters: [expand, bias, contract])(tolerance: 5e-3) {
      let inner = $0.linear($0.input(x), weight: expand, bias: bias, layout: .inputsByOutputs, function)
      return $0.linear(inner, weight: contract, layout: .inputsByOutputs)
    }
  }

  @Test(arguments: sets, [0, 0.3]) func residual(set: String, dropout: Float) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let (weight, bias) = (Parameter("w", shape: [7, 33], .zeros), Parameter("b", shape: [33], .zeros))
    _ = bind([weight, bias], on: backend)
    let (x, residual) = (input(7, on: backend), input(33, on: backend, seed: 2))
    GradientCheck(backend, inputs: [x, residual], parameters: [weight, bias])(
      tolerance: 5e-3, dropout: DropoutKey(seed: 3, step: 4)
    ) { tape in
      let y = tape.linear(
        tape.input(x), weight: weight, bias: bias, layout: .inputsByOutputs, addedTo: residual,
        dropout: dropout)
      return tape.dropout(y, probability: 0.3)
    }
  }

  @Test func rows() throws {
    let backend = try Backend(threads: 2)
    let x = input(6, on: backend)
    GradientCheck(backend, inputs: [x])() {
      $0.gatherRows(x, [2, 3, 7, 9, 14], packing: packing.with(length: 1))
    }
    // The row of an image for several samples of its caption.
    GradientCheck(backend, inputs: [x])() {
      $0.gatherRows(x, [0, 0, 0, 3, 4, 4, 8, 8, 8, 14], packing: packing.with(length: 2))
    }
    GradientCheck(backend, inputs: [x])() { $0.unfoldRows(x, pieces: 3) }
    let constant = Parameter("c", shape: [2, 6], .zeros)
    _ = bind([constant], on: backend)
    GradientCheck(backend, inputs: [x], parameters: [constant])() { $0.appendConstantRows(x, constant) }
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
    // Tied to a head or not, and a row of the prefix more than once.
    GradientCheck(backend, inputs: [prefix], parameters: [tokens, positions])(tolerance: 5e-3) {
      $0.embed(
        sources.enumerated().map { $0.offset % 5 == 4 ? .prefix(2) : $0.element }, positions: places,
        prefix: prefix, tokens: tokens, positionTable: positions, packing: packing)
    }
    GradientCheck(backend, inputs: [prefix], parameters: [tokens, positions])(tolerance: 5e-3) {
      let embedded = $0.embed(
        sources, positions: places, prefix: prefix, tokens: tokens, positionTable: positions, packing: packing
      )
      return $0.linear($0.input(embedded), weight: tokens, layout: .outputsByInputs)
    }
  }

  @Test(arguments: sets) func concatenation(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let images = packing.with(length: 1)
    let (x, y) = (input(5, on: backend), input(3, on: backend, seed: 2, images))
    GradientCheck(backend, inputs: [x, y]) { $0.concatenated(x, withRowOfSequence: y) }
    let z = Tape(on: backend, recording: false).concatenated(x, withRowOfSequence: y).value
    #expect(Array(z.elements.prefix(8)) == Array(x.value.elements.prefix(5) + y.value.elements.prefix(3)))
    // The second sequence has one row, the fourth.
    #expect(Array(z.rows(from: 3, count: 1).elements.suffix(3)) == Array(y.value.elements[3..<6]))
  }

  /// The same as with positions that add nothing.
  @Test(arguments: sets) func embedding(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let table = Parameter("wte", shape: [7, 4], .zeros)
    _ = bind([table], on: backend)
    let ids = (0..<Int32(packing.rows)).map { $0 * 3 % 7 }
    func pass(_ embed: (Tape) -> Variable) -> (values: [Float], rows: [Float], ids: [Int32]) {
      let tape = Tape(on: backend)
      let y = embed(tape)
      y.addGradient(randomMatrix(y.rows, y.width, on: backend, seed: 3), on: backend)
      tape.backward()
      return (
        y.value.elements, tape.sparseGradients.flatMap(\.rows.elements), tape.sparseGradients.flatMap(\.ids)
      )
    }
    let alone = pass { $0.embedding(ids, of: table, packing: packing) }
    let none = Parameter("wpe", shape: [1, 4], .zeros)
    none.value = backend.zeros(1, 4)
    let together = pass {
      $0.embed(
        ids.map { .token($0) }, positions: ids.map { _ in 0 }, prefix: nil, tokens: table,
        positionTable: none,
        packing: packing)
    }
    #expect(alone == together)
    #expect(alone.ids == ids)
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

  /// A memory of other lengths, one of them zero, of which each key head serves two heads of queries, in columns of wider
  /// rows; a bias for each query, key and head.
  @Test(arguments: sets, [0, 0.3]) func attentionOverAMemory(set: String, dropout: Float) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let memoryPacking = packing.with(lengths: [4, 2, 0, 18, 1])
    let queries = input(4 * 6, on: backend)
    let memory = input(2 + 2 * 2 * 6, on: backend, seed: 2, memoryPacking)
    let bias = input(4, on: backend, seed: 3, packing.with(lengths: [12, 2, 0, 36, 5]))
    let inputs = AttentionInputs(
      queries: AttentionView(queries), keys: AttentionView(memory, columns: 14..<26),
      values: AttentionView(memory, columns: 1..<13))
    GradientCheck(backend, inputs: [queries, memory, bias])(
      tolerance: 5e-3, dropout: DropoutKey(seed: 1, step: 2)
    ) { $0.attention(inputs, heads: 4, bias: bias, causal: false, dropout: dropout) }
    let y = Tape(on: backend).attention(inputs, heads: 4, causal: false).value(on: backend)
    #expect(y.rows(from: 4, count: 4).elements.allSatisfy { $0 == 0 }, "a sequence without keys")
  }

  /// Queries that continue what keys have begun, beside a head for each two of them in the same rows.
  @Test(arguments: sets) func causalAttentionOfSharedKeys(set: String) throws {
    let backend = try Backend(threads: 2, instructionSet: set)
    let all = input(6 * 5, on: backend)
    func view(_ heads: Range<Int>) -> AttentionView {
      AttentionView(all, columns: heads.lowerBound * 5..<heads.upperBound * 5)
    }
    let bias = input(4, on: backend, seed: 3, packing.with(lengths: [9, 1, 16, 4, 25]))
    GradientCheck(backend, inputs: [all, bias])(tolerance: 5e-3) {
      $0.attention(
        AttentionInputs(queries: view(0..<4), keys: view(4..<5), values: view(5..<6)), heads: 4, bias: bias,
        causal: true)
    }
    let (earlier, later) = (packing.with(lengths: [5, 3, 4, 9, 5]), input(10, on: backend))
    let (keys, values) = (
      input(10, on: backend, seed: 5, earlier), input(10, on: backend, seed: 6, earlier)
    )
    GradientCheck(backend, inputs: [later, keys, values])(tolerance: 5e-3) {
      $0.attention(
        AttentionInputs(
          queries: AttentionView(later), keys: AttentionView(keys), values: AttentionView(values)), heads: 2,
        causal: true)
    }
  }

  /// A vocabulary of more than one chunk, weights that are not all one.
  @Test(arguments: sets, [(false, 0), (true, 0), (true, 0.1)] as [(Bool, Float)])
  func fusedLinearCrossEntropy(set: String, option: (hasBias: Bool, smoothing: Float)) throws {
    let (hasBias, smoothing) = option
    let backend = try Backend(threads: 2, instructionSet: set)
    let table = Parameter("wte", shape: [1030, 6], .zeros)
    let bias = hasBias ? Parameter("bias", shape: [1030], .zeros) : nil
    _ = bind([table] + (bias.map { [$0] } ?? []), on: backend)
    let x = input(6, on: backend)
    let targets = Targets(
      ids: (0..<15).map { Int32($0 * 73 % 1030) }, weights: (0..<15).map { [0, 0.5, -2][$0 % 3] },
      lossDenominator: 10, smoothing: smoothing)
    let tape = Tape(on: backend)
    let lanes = tape.fusedLinearCrossEntropy(tape.input(x), table: table, bias: bias, targets: targets)
    tape.backward()
    #expect(lanes[1] == 0)
    func value() -> Double {
      let tape = Tape(on: backend, recording: false)
      let lanes = tape.fusedLinearCrossEntropy(tape.input(x), table: table, bias: bias, targets: targets)
      return lanes.reduce(0, +) / targets.lossDenominator
    }
    let check = GradientCheck(backend)
    check.compare(try #require(x.gradient).elements, x.value, 5e-3, value)
    check.compare(try #require(table.gradient).elements, table.value, 5e-3, value)
    if let bias { check.compare(try #require(bias.gradient).elements, bias.value, 5e-3, value) }
  }

  /// What linear layers take has no float32 form in bfloat16. A block of every operation on it, beside the same in
  /// float32; nothing beyond the operands may be touched.
  @Test(arguments: sets + ["amx-emulated"], [Activation.gelu, .relu, .tanh])
  func blockInBfloat16(set: String, function: Activation) throws {
    func pass(_ precision: Precision) throws -> [[Float]] {
      let backend = try Backend(
        threads: 2, instructionSet: set, precision: precision, memory: MemoryPool(isGuarded: true))
      func weight(_ name: String, _ inputs: Int, _ outputs: Int) -> Parameter {
        Parameter(name, shape: [inputs, outputs], .zeros, isMatmulWeight: true)
      }
      let (scale, shift) = (Parameter("s", shape: [40], .zeros), Parameter("h", shape: [40], .zeros))
      let (joint, projection) = (weight("j", 40, 120), weight("p", 40, 40))
      let (expand, contract) = (weight("e", 40, 70), weight("c", 70, 40))
      let (bias, inner) = (Parameter("b", shape: [40], .zeros), Parameter("i", shape: [70], .zeros))
      let arena = bind([joint, projection, bias, scale, shift, expand, inner, contract], on: backend)
      for factor in [joint, projection, expand, contract] {
        backend.kernels.scale(factor.value.pointer, 0.15, factor.value.count)
      }
      // ReLU's corner, which rounding crosses, is far from all arguments.
      if function == .relu { inner.value.assign((0..<70).map { $0 % 2 == 0 ? 12 : -12 }) }
      arena.pack(on: backend)
      let x = input(40, on: backend)
      let tape = Tape(on: backend, dropout: DropoutKey(seed: 1, step: 1))
      let qkv = tape.linear(tape.input(x), weight: joint, layout: .inputsByOutputs)
      let attended = tape.attention(.joint(qkv), heads: 2, causal: true, dropout: 0.1)
      let middle = tape.linear(
        attended, weight: projection, bias: bias, layout: .inputsByOutputs, addedTo: x, dropout: 0.1)
      let normed = tape.layerNorm(middle, scale: scale, shift: shift, epsilon: 1e-5)
      if precision == .bfloat16 {
        guard case .rounded = normed.rows.elements, case .rounded = attended.rows.elements else {
          Issue.record("what linear layers take is in float32")
          return []
        }
      }
      let active = tape.linear(normed, weight: expand, bias: inner, layout: .inputsByOutputs, function)
      let y = tape.linear(active, weight: contract, layout: .inputsByOutputs, addedTo: middle)
      y.addGradient(randomMatrix(y.rows, y.width, on: backend, seed: 3), on: backend)
      tape.backward()
      return [y.value.elements, try #require(x.gradient).elements]
        + arena.trainableParameters.map { $0.gradient?.elements ?? [] }
    }
    for (exact, rounded) in zip(try pass(.float32), try pass(.bfloat16)) {
      let difference = zip(exact, rounded).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let size = exact.reduce(0) { $0 + $1 * $1 }
      #expect(exact.count == rounded.count && (difference / size).squareRoot() < 0.03)
    }
  }

  /// Two uses of one variable, each of whose gradients comes rounded.
  @Test func roundedGradientsAreAdded() throws {
    let backend = try Backend(threads: 1, precision: .bfloat16)
    let weight = Parameter("w", shape: [12, 36], .zeros, isMatmulWeight: true)
    bind([weight], on: backend).pack(on: backend)
    let x = input(12, on: backend)
    func gradient(uses: Int) throws -> [Float] {
      let tape = Tape(on: backend)
      let joint = tape.linear(tape.input(x), weight: weight, layout: .inputsByOutputs)
      for _ in 0..<uses {
        let attended = tape.attention(.joint(joint), heads: 2, causal: true)
        attended.gradient?.add(randomMatrix(x.rows, 12, on: backend, seed: 5), on: backend)
      }
      tape.backward()
      return try #require(weight.gradient).elements
    }
    let once = try gradient(uses: 1)
    #expect(try gradient(uses: 2) == once.map { 2 * $0 })
  }

  /// In bfloat16 nothing beyond the operands of products may be touched.
  @Test(arguments: sets + ["amx-emulated"]) func projectedCrossEntropyInBfloat16(set: String) throws {
    func pass(_ precision: Precision) throws -> (losses: [Double], gradients: [Float]) {
      let backend = try Backend(
        threads: 2, instructionSet: set, precision: precision, memory: MemoryPool(isGuarded: true))
      let table = Parameter("wte", shape: [1030, 6], .zeros, isMatmulWeight: true)
      let arena = bind([table], on: backend)
      arena.pack(on: backend)
      let x = input(6, on: backend)
      let targets = Targets(
        ids: (0..<15).map { Int32($0 * 73 % 1030) }, weights: Array(repeating: 1, count: 15),
        lossDenominator: 15)
      let tape = Tape(on: backend)
      let losses = tape.fusedLinearCrossEntropy(tape.input(x), table: table, targets: targets)
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
        tape.input(Variable(part, packing: packing, requiresGradient: true)), weight: weight, bias: bias,
        layout: .inputsByOutputs)
      let dy = backend.matrix(y.rows, y.width)
      backend.activate(y.value, .tanh, into: dy)
      y.addGradient(dy, on: backend)
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
        tape.linear(tape.input(x), weight: weight, layout: .inputsByOutputs).addGradient(dy, on: backend)
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
      let (expand, contract) = (
        Parameter("w", shape: [16, 40], .zeros), Parameter("v", shape: [40, 48], .zeros)
      )
      _ = bind([expand, contract], on: backend)
      let attended = tape.attention(.joint(x), heads: 2, causal: true, dropout: 0.1)
      let inner = tape.linear(attended, weight: expand, layout: .inputsByOutputs, .gelu)
      let y = tape.linear(
        inner, weight: contract, layout: .inputsByOutputs, addedTo: x, dropout: 0.1)
      y.addGradient(y.value, on: backend)
      tape.backward()
      return y.value.elements + (x.gradient?.elements ?? [])
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }
}
