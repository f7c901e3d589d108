import CKernels
import Tensors
import Testing

@Suite struct CachedAttentionTests {
  /// The rows of a cache, each somewhere else.
  struct Cache: @unchecked Sendable {
    let query: Input
    let rows: [Input]
    /// The same in bfloat16, in which they are exact.
    let halves: [Guarded<UInt16>]
    let heads: Int, keyHeads: Int, width: Int

    init(count: Int, heads: Int, keyHeads: Int? = nil, width: Int) {
      var random = Philox(seed: UInt64(count * 1000 + heads * width), stream: "cached attention")
      let keyHeads = keyHeads ?? heads
      (self.heads, self.keyHeads, self.width) = (heads, keyHeads, width)
      query = random.input(heads * width)
      rows = (0..<count).map { _ in
        Input(
          random.input(2 * keyHeads * width).floats.map { Float(bitPattern: $0.bitPattern & 0xffff_0000) })
      }
      halves = rows.map { row in Guarded(row.floats.map { UInt16($0.bitPattern >> 16) }) }
    }

    func expected() -> [Rounded] {
      let scale = Rounded(1 / Float(width).squareRoot())
      return (0..<heads).flatMap { head in
        let query = Array(query.exact[head * width..<(head + 1) * width])
        let keyHead = head / (heads / keyHeads)
        let columns = keyHead * width..<(keyHead + 1) * width
        let scores = rows.map { scale * Rounded.dot(query, Array($0.exact[columns])) }
        let top = scores.reduce(Rounded(-.infinity)) { $0.value < $1.value ? $1 : $0 }
        let powers = scores.map { ($0 - top).exponential() }
        let total = Rounded.sum(powers)
        return columns.map { column in
          Rounded.sum(
            zip(powers, rows).map {
              $0 * (Rounded(1) / total) * Rounded($1.floats[keyHeads * width + column])
            })
        }
      }
    }

    func kernelCase(rounded: Bool) -> KernelCase {
      KernelCase(
        "\(rows.count) rows of \(heads) and \(keyHeads) heads of \(width), \(rounded ? "bfloat16" : "float32")",
        [Output(expected()), Output(scratch: rows.count)]
      ) { kernels, outputs in
        let places: [UnsafeRawPointer?] =
          rounded ? halves.map { UnsafeRawPointer($0.pointer) } : rows.map { UnsafeRawPointer($0.pointer) }
        places.withUnsafeBufferPointer { places in
          var cached = capstan_cached_rows(
            rows: places.baseAddress, count: rows.count, heads: heads, key_heads: keyHeads, width: width,
            scale: 1 / Float(width).squareRoot(), rounded: rounded)
          kernels.cached_attention(outputs[0], outputs[1], query.pointer, &cached)
        }
      }
    }
  }

  static let caches = [
    Cache(count: 1, heads: 1, width: 1), Cache(count: 30, heads: 12, width: 64),
    Cache(count: 16, heads: 2, width: 64), Cache(count: 33, heads: 3, width: 80),
    Cache(count: 17, heads: 2, width: 17), Cache(count: 70, heads: 1, width: 10),
    Cache(count: 19, heads: 9, keyHeads: 3, width: 64), Cache(count: 5, heads: 4, keyHeads: 1, width: 6),
  ]

  @Test(arguments: caches.flatMap { [$0.kernelCase(rounded: false), $0.kernelCase(rounded: true)] })
  func attends(kernel: KernelCase) { kernel.check() }
}
