import Tensors
import Testing

@testable import Autograd

/// What is cached gives what a pass over all rows gives.
@Suite struct KeyValueCacheTests {
  /// Three sequences of six rows in passes of three, two and one, before the last of which the first two change places.
  @Test(arguments: sets, [(heads: 4, keyHeads: 4), (heads: 6, keyHeads: 2), (heads: 3, keyHeads: 1)])
  func cachedRowsAreThoseOfAWholePass(set: String, size: (heads: Int, keyHeads: Int)) throws {
    for (precision, tolerance) in [(Precision.float32, Float(2e-6)), (.bfloat16, 2e-2)] {
      let backend = try Backend(threads: 2, instructionSet: set, precision: precision)
      let (headWidth, counts, layers) = (5, [3, 2, 1], 2)
      let all = Packing(lengths: [6, 6, 6], laneSizes: [3])
      let inputs = (0..<layers).map { layer in
        let seed = UInt64(10 * layer)
        return (
          queries: input(size.heads * headWidth, on: backend, seed: seed + 1, all),
          keys: input(size.keyHeads * headWidth, on: backend, seed: seed + 2, all),
          values: input(size.keyHeads * headWidth, on: backend, seed: seed + 3, all)
        )
      }
      let expected = inputs.map { input in
        Tape(on: backend, recording: false).attention(
          AttentionInputs(
            queries: AttentionView(input.queries), keys: AttentionView(input.keys),
            values: AttentionView(input.values)), heads: size.heads, causal: true
        ).value(on: backend)
      }

      let cache = KeyValueCache(sequences: 3, layers: layers, width: size.keyHeads * headWidth, on: backend)
      var order = [0, 1, 2]
      var first = 0
      for (pass, count) in counts.enumerated() {
        if pass == counts.count - 1 {
          order = [1, 0, 2]
          cache.rearrange(order)
        }
        let rows = order.flatMap { sequence in (first..<first + count).map { sequence * 6 + $0 } }
        func view(_ x: Variable) -> AttentionView {
          let part = backend.matrix(rows.count, x.width)
          part.assign(rows.flatMap { row in (0..<x.width).map { x.value.row(row)[$0] } })
          return AttentionView(
            Variable(part, packing: Packing(lengths: [count, count, count], laneSizes: [3])))
        }
        for (layer, input) in inputs.enumerated() {
          let found = Tape(on: backend, recording: false).attention(
            AttentionInputs(queries: view(input.queries), keys: view(input.keys), values: view(input.values)),
            heads: size.heads, cache: cache, layer: layer
          ).value(on: backend)
          for (place, row) in rows.enumerated() {
            for column in 0..<found.columns {
              let (one, other) = (found.row(place)[column], expected[layer].row(row)[column])
              #expect(abs(one - other) <= tolerance * (1 + abs(other)), "\(precision), pass \(pass)")
            }
          }
        }
        cache.advance(by: count)
        first += count
      }
    }
  }
}
