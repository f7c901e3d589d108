import CKernels
import Tensors
import Testing

@Suite struct AttentionTests {
  /// One head as its kernels get it, beside others in rows that are wider than itself.
  struct Head: Sendable {
    let queries: Int, keys: Int, width: Int
    /// Keys that the first query sees.
    let visible: Int
    let dropout: Float
    let query, key, value: Input
    let dOut: Input
    /// [queries, keys]; nil: none.
    let bias: Input?
    let mask: capstan_dropout

    static let offset = 37
    static let margin = 3
    var stride: Int { width + Self.margin }
    /// Without what the gradient keeps of dropout.
    var scratchFloats: Int { 16 * width + queries * (keys + 15) }
    var scale: Float { 1 / Float(width).squareRoot() }

    init(
      queries: Int, keys: Int, width: Int, visible: Int, dropout: Float = 0,
      spread: Double = 1, hasBias: Bool = false
    ) {
      (self.queries, self.keys, self.width) = (queries, keys, width)
      self.visible = visible
      self.dropout = dropout
      var random = Philox(seed: UInt64(queries * 1_000_000 + keys * 1000 + width), stream: "attention")
      let stride = width + Self.margin
      query = random.input(rows: queries, of: width, stride: stride, spread: spread)
      key = random.input(rows: keys, of: width, stride: stride, spread: spread)
      value = random.input(rows: keys, of: width, stride: stride)
      dOut = random.input(rows: queries, of: width, stride: stride)
      bias = hasBias ? random.input(rows: queries, of: keys, stride: keys) : nil
      mask = capstan_dropout(seed: random.next(), step: 2, sample: 9, site: 4, probability: dropout)
    }

    var description: String {
      "\(queries) queries, \(keys) keys of \(width), first sees \(visible), dropout \(dropout)"
        + (bias == nil ? "" : ", a bias")
    }

    func seen(by query: Int) -> Int { min(keys, query + visible) }

    /// Row by row, what dropout multiplies the probabilities by.
    var factors: [[Rounded]] {
      (0..<queries).map { row in
        let first = Self.offset + row * keys
        return dropout == 0 ? Array(repeating: Rounded(1), count: keys) : mask.factors(first..<first + keys)
      }
    }

    var probabilities: [[Rounded]] {
      let keyRows = key.rows(width, stride: stride)
      let biasRows = bias?.rows(keys)
      return query.rows(width, stride: stride).enumerated().map { row, query in
        var scores = keyRows.prefix(seen(by: row)).map { Rounded(scale) * Rounded.dot(query, $0) }
        if let biasRows { scores = zip(scores, biasRows[row]).map { $0 + $1 } }
        let top = scores.reduce(Rounded(-.infinity)) { $0.value < $1.value ? $1 : $0 }
        let powers = scores.map { ($0 - top).exponential() }
        let total = Rounded.sum(powers)
        return powers.map { $0 * (Rounded(1) / total) }
          + Array(repeating: Rounded(0), count: keys - powers.count)
      }
    }

    func withC(
      biasGradient: UnsafeMutablePointer<Float>? = nil,
      _ body: (UnsafePointer<capstan_attention_head>) -> Void
    ) {
      withUnsafePointer(to: mask) { mask in
        var head = capstan_attention_head(
          query: query.pointer, key: key.pointer, value: value.pointer, query_stride: stride,
          key_stride: stride, value_stride: stride, queries: queries, keys: keys, width: width,
          visible: visible, scale: scale, dropout: dropout == 0 ? nil : mask, dropout_offset: Self.offset,
          bias: bias?.pointer,
          bias_gradient: biasGradient)
        body(&head)
      }
    }
  }

  static func forward(_ head: Head) -> KernelCase {
    let probabilities = head.probabilities
    let values = head.value.rows(head.width, stride: head.stride)
    let out = zip(probabilities, head.factors).map { row, factors in
      (0..<head.width).map { column in
        Rounded.sum(zip(zip(row, factors), values).map { $0.0 * $0.1 * $1[column] })
      }
    }
    return KernelCase(
      "attention, \(head.description)",
      [
        Output(rows: out, stride: head.stride), Output(probabilities.flatMap { $0 }),
        Output(scratch: head.scratchFloats),
      ]
    ) { kernels, outputs in
      head.withC { kernels.attention(outputs[0], head.stride, outputs[1], outputs[2], $0) }
    }
  }

  /// The derivative of sum(out * dOut) by the chain rule, from the probabilities on.
  static func backward(_ head: Head) -> KernelCase {
    let stride = head.stride, width = head.width
    let probabilities = Input(head.probabilities.flatMap { $0.map { Float($0.value) } })
    let p = probabilities.rows(head.keys), factors = head.factors
    let query = head.query.rows(width, stride: stride), key = head.key.rows(width, stride: stride)
    let value = head.value.rows(width, stride: stride), dOut = head.dOut.rows(width, stride: stride)
    let dBias = (0..<head.queries).map { row in
      let dUsed = value.prefix(head.seen(by: row)).map { Rounded.dot(dOut[row], $0) }
      let dP = zip(dUsed, factors[row]).map { $0 * $1 }
      let mean = Rounded.dot(p[row], dP)
      return zip(p[row], dP).map { $0 * ($1 - mean) }
        + Array(repeating: Rounded(0), count: head.keys - dP.count)
    }
    let dScores = dBias.map { $0.map { Rounded(head.scale) * $0 } }
    let dQuery = dScores.map { d in
      (0..<width).map { column in Rounded.sum(zip(d, key).map { $0 * $1[column] }) }
    }
    let dKey = (0..<head.keys).map { key in
      (0..<width).map { column in Rounded.sum(zip(dScores, query).map { $0[key] * $1[column] }) }
    }
    let dValue = (0..<head.keys).map { key in
      (0..<width).map { column in
        Rounded.sum((0..<head.queries).map { p[$0][key] * factors[$0][key] * dOut[$0][column] })
      }
    }
    return KernelCase(
      "attention gradient, \(head.description)",
      [dQuery, dKey, dValue].map { Output(rows: $0, stride: stride) } + [
        Output(scratch: head.scratchFloats + (head.dropout == 0 ? 0 : 2 * head.queries * head.keys))
      ] + (head.bias == nil ? [] : [Output(dBias.flatMap { $0 })])
    ) { kernels, outputs in
      head.withC(biasGradient: head.bias == nil ? nil : outputs[4]) {
        kernels.attention_gradient(
          outputs[0], outputs[1], outputs[2], head.dOut.pointer, stride, probabilities.pointer, outputs[3], $0
        )
      }
    }
  }

  static let trained =
    [
      Head(queries: 1, keys: 1, width: 1, visible: 1),
      Head(queries: 22, keys: 22, width: 64, visible: 1, dropout: 0.1),
      Head(queries: 17, keys: 17, width: 16, visible: 1, spread: 8),
      Head(queries: 33, keys: 33, width: 15, visible: 1, dropout: 0.5),
      Head(queries: 20, keys: 20, width: 33, visible: 20, dropout: 0.1),
      Head(queries: 21, keys: 21, width: 96, visible: 21, dropout: 0.1),
      Head(queries: 5, keys: 31, width: 80, visible: 31),
      Head(queries: 3, keys: 70, width: 17, visible: 70, dropout: 0.2),
      Head(queries: 18, keys: 18, width: 24, visible: 1, dropout: 0.1, hasBias: true),
      Head(queries: 5, keys: 37, width: 12, visible: 37, hasBias: true),
    ]

  /// New rows over a cache: the first query sees what came before.
  static let cached = [
    Head(queries: 1, keys: 41, width: 64, visible: 41), Head(queries: 1, keys: 16, width: 64, visible: 16),
    Head(queries: 4, keys: 20, width: 10, visible: 17), Head(queries: 18, keys: 35, width: 24, visible: 18),
  ]

  /// Whatever the width of a head leaves for its last vector.
  static let widths = [2, 3, 4, 5, 7, 8, 9, 12, 13, 24, 25, 31, 32, 40, 48, 70, 128].map {
    Head(queries: 9, keys: 9, width: $0, visible: 1, dropout: 0.1)
  }

  @Test(arguments: (trained + widths + cached).map(forward))
  func attends(kernel: KernelCase) { kernel.check() }

  @Test(arguments: (trained + widths + cached).map(backward))
  func flowsBack(kernel: KernelCase) { kernel.check() }

  @Test func givesAQueryAloneTheSameBits() {
    let whole = Head(queries: 23, keys: 30, width: 40, visible: 8)
    for kernels in KernelCase.kernels {
      func attend(_ head: capstan_attention_head) -> [UInt32] {
        var probabilities = [Float](repeating: 0, count: head.queries * head.keys)
        var scratch = [Float](repeating: 0, count: whole.scratchFloats)
        var out = [Float](repeating: 0, count: head.queries * whole.width)
        withUnsafePointer(to: head) { kernels.attention(&out, whole.width, &probabilities, &scratch, $0) }
        return out.map(\.bitPattern)
      }
      whole.withC { head in
        let alone = (0..<whole.queries).flatMap { query in
          var one = head.pointee
          one.query += query * whole.stride
          one.queries = 1
          one.keys = whole.seen(by: query)
          one.visible = one.keys
          return attend(one)
        }
        #expect(attend(head.pointee) == alone, "\(String(cString: kernels.name))")
      }
    }
  }
}
