import Foundation
import Tensors
import Testing

@testable import Autograd

@Suite struct TopLogitsTests {
  private static let rows = 7, width = 6

  /// Of small integers: in both precisions exact, and with many ties.
  private func projection(_ vocabulary: Int, on backend: Backend) -> (Variable, Parameter, ParameterArena) {
    let table = Parameter("table", shape: [vocabulary, Self.width], .zeros, isMatmulWeight: true)
    let arena = ParameterArena([table], isTrainable: { _ in false }, on: backend)
    var random = Philox(seed: UInt64(vocabulary), stream: "table")
    for i in 0..<table.count { table.value.pointer[i] = Float(Int.random(in: -3...3, using: &random)) }
    arena.pack(on: backend)
    let x = backend.matrix(Self.rows, Self.width)
    for i in 0..<x.count { x.pointer[i] = Float(Int.random(in: -3...3, using: &random)) }
    let packing = Packing(lengths: Array(repeating: 1, count: Self.rows), laneSizes: [Self.rows])
    return (Variable(x, packing: packing), table, arena)
  }

  @Test(arguments: [Precision.float32, .bfloat16], [1, 4, 512, 513, 2100])
  func areThoseOfAllLogits(precision: Precision, vocabulary: Int) throws {
    for threads in [1, 3] {
      let backend = try Backend(threads: threads, precision: precision)
      let (x, table, arena) = projection(vocabulary, on: backend)
      let tape = Tape(on: backend, recording: false)
      withExtendedLifetime(arena) {
        let logits = tape.logits(tape.input(x), table: table)
        // 600 are more than a chunk has.
        for (count, temperature) in [(1, 1.0), (6, 0.5), (600, 1), (3000, 2)] {
          let tops = tape.topLogits(tape.input(x), table: table, count: count, temperature: temperature)
          #expect(tops.count == Self.rows)
          for (row, top) in tops.enumerated() {
            let all = (0..<vocabulary).map { logits.row(row)[$0] * Float(1 / temperature) }
            let best = all.indices.sorted { (all[$1], $0) < (all[$0], $1) }.prefix(count)
            #expect(top.entries == best.map { TopLogits.Entry(token: Int32($0), logit: all[$0]) })
            var (largest, sum): (Float, Float) = (0, 0)
            backend.kernels.log_sum_exp(all, all.count, &largest, &sum)
            #expect(abs(top.logSum - (Double(largest) + log(Double(sum)))) < 1e-5)
            #expect(top.isFinite)
          }
        }
      }
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity]) func notFiniteIsSeen(value: Float) throws {
    let backend = try Backend(threads: 2)
    let (x, table, arena) = projection(1500, on: backend)
    withExtendedLifetime(arena) {
      for row in 0..<Self.rows { x.value.row(row)[2] = row == 4 ? 1 : 0 }
      table.value.row(1200)[2] = value
      let tape = Tape(on: backend, recording: false)
      let tops = tape.topLogits(tape.input(x), table: table, count: 3)
      // 0 · infinity is no number either.
      #expect(tops.allSatisfy { !$0.isFinite })
      #expect(tops.allSatisfy { $0.entries.count == 3 && $0.entries.allSatisfy { !$0.logit.isNaN } })
      table.value.row(1200)[2] = 1
      x.value.row(4)[0] = value
      let isFinite = tape.topLogits(tape.input(x), table: table, count: 3).map(\.isFinite)
      #expect(isFinite == (0..<Self.rows).map { $0 != 4 })
    }
  }
}
