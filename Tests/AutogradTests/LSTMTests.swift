import Tensors
import Testing

@testable import Autograd

/// A recurrent weight in an arena of its own, and gates of sequences in lanes.
private struct Bench {
  let backend: Backend
  let width: Int
  let recurrent: Parameter
  let arena: ParameterArena

  init(width: Int = 5, threads: Int = 2, set: String? = nil, precision: Precision = .float32) throws {
    self.width = width
    recurrent = Parameter("r", shape: [width, 4 * width], .zeros, isMatmulWeight: true)
    backend = try Backend(
      threads: threads, instructionSet: set, precision: precision, memory: MemoryPool(isGuarded: true))
    arena = bind([recurrent], on: backend)
    for i in 0..<recurrent.count { recurrent.value.pointer[i] *= 0.5 }
    arena.pack(on: backend)
  }

  func gates(_ packing: Packing, fromRow row: Int = 0) -> Variable {
    let all = randomMatrix(40, 4 * width, on: backend, seed: 1)
    return Variable(all.rows(from: row, count: packing.rows), packing: packing, requiresGradient: true)
  }

  /// The output, the gradient of what came in, and that of the weight, with the output as its own gradient.
  func pass(_ packing: Packing, fromRow row: Int = 0) -> (y: [Float], dx: [Float], dw: [Float]) {
    let x = gates(packing, fromRow: row)
    let tape = Tape(on: backend)
    let y = tape.lstm(x, recurrent: recurrent).output
    y.addGradient(y.value, on: backend)
    tape.backward()
    return (y.value.elements, x.gradient?.elements ?? [], arena.gradients.elements)
  }
}

@Suite struct LSTMTests {
  /// Five sequences in four lanes, one of which is empty, and one sequence too.
  private static let packing = Packing(lengths: [3, 1, 4, 0, 5], laneSizes: [2, 0, 2, 1], firstSample: 3)

  @Test(arguments: sets) func gradients(set: String) throws {
    let bench = try Bench(set: set)
    let x = bench.gates(Self.packing)
    GradientCheck(bench.backend, inputs: [x], parameters: [bench.recurrent])(tolerance: 5e-3) {
      $0.lstm(x, recurrent: bench.recurrent).output
    }
  }

  @Test(arguments: sets + ["amx-emulated"]) func inBfloat16(set: String) throws {
    let exact = try Bench(set: set).pass(Self.packing)
    let rounded = try Bench(set: set, precision: .bfloat16).pass(Self.packing)
    for (a, b) in [(exact.y, rounded.y), (exact.dx, rounded.dx), (exact.dw, rounded.dw)] {
      #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 0.05 })
    }
  }

  /// A sequence knows nothing of those beside it, and a sum over lanes nothing of the ranks. The weight is so wide that a
  /// BLAS gives other bits for other numbers of rows.
  @Test(arguments: [1, 3], [Precision.float32, .bfloat16])
  func bitsDoNotDependOnRanks(threads: Int, precision: Precision) throws {
    let bench = try Bench(width: 300, threads: threads, precision: precision)
    let lengths = [3, 1, 4, 2, 5, 7, 2]
    let whole = bench.pass(Packing(lengths: lengths, laneSizes: [2, 2, 2, 1]))
    let first = bench.pass(Packing(lengths: Array(lengths.prefix(4)), laneSizes: [2, 2]))
    let second = bench.pass(Packing(lengths: Array(lengths.suffix(3)), laneSizes: [2, 1]), fromRow: 10)
    #expect(whole.y == first.y + second.y)
    #expect(whole.dx == first.dx + second.dx)
    #expect(whole.dw == zip(first.dw, second.dw).map { $0 + $1 })
  }

  /// When captions are made, a token at a time goes the way of a whole sequence.
  @Test func continuesFromItsState() throws {
    let bench = try Bench()
    let width = bench.width
    let whole = Packing(lengths: [3, 3], laneSizes: [2]), one = Packing(lengths: [1, 1], laneSizes: [2])
    let x = bench.gates(whole).value
    func tape() -> Tape { Tape(on: bench.backend, recording: false) }
    let expected = tape().lstm(Variable(x, packing: whole), recurrent: bench.recurrent)
    var state: LSTMState?
    for time in 0..<3 {
      let rows = bench.backend.matrix(2, 4 * width)
      for sequence in 0..<2 {
        rows.row(sequence).update(from: x.row(sequence * 3 + time), count: 4 * width)
      }
      let step = tape().lstm(Variable(rows, packing: one), recurrent: bench.recurrent, from: state)
      for sequence in 0..<2 {
        #expect(
          step.output.value.rows(from: sequence, count: 1).elements
            == expected.output.value.rows(from: sequence * 3 + time, count: 1).elements)
      }
      state = step.state
    }
    let last = try #require(state)
    #expect(last.hidden.elements == expected.state.hidden.elements)
    #expect(last.cell.elements == expected.state.cell.elements)
    let swapped = last.rearranged([1, 0, 1], on: bench.backend)
    #expect(swapped.cell.elements == [1, 0, 1].flatMap { last.cell.rows(from: $0, count: 1).elements })
  }
}
