import CKernels
import Support
import Tensors

/// Some columns of a variable's rows, with heads side by side.
public struct AttentionView {
  let variable: Variable
  let columns: Range<Int>

  /// - Parameter columns: nil: all.
  public init(_ variable: Variable, columns: Range<Int>? = nil) {
    self.variable = variable
    self.columns = columns ?? 0..<variable.width
    precondition(
      (0..<variable.width + 1).contains(self.columns.upperBound), "a view is of columns that are there")
  }

  var width: Int { columns.count }
}

/// Where queries, keys and values are: three views, of one variable or of several. Keys and values have as many rows in
/// each sequence, which need not be those of its queries: they may be an encoder's memory.
public struct AttentionInputs {
  let queries: AttentionView
  let keys: AttentionView
  let values: AttentionView
  /// Those of the views, each once.
  let variables: [Variable]

  /// - Parameters:
  ///   - queries: [rows, heads · head width].
  ///   - keys, values: [rows of the memory, key heads · head width].
  public init(queries: AttentionView, keys: AttentionView, values: AttentionView) {
    (self.queries, self.keys, self.values) = (queries, keys, values)
    var variables: [Variable] = []
    for view in [queries, keys, values] where !variables.contains(where: { $0 === view.variable }) {
      variables.append(view.variable)
    }
    self.variables = variables
    let (packing, memory) = (queries.variable.packing, keys.variable.packing)
    precondition(
      memory == values.variable.packing && memory.laneSequences == packing.laneSequences,
      "keys and values are packed alike, in the sequences of the queries")
    precondition(keys.width == values.width, "keys are as wide as values")
    precondition(
      variables.allSatisfy {
        columns(of: $0).reduce(0) { $0 + $1.count } == Set(columns(of: $0).joined()).count
      },
      "views of one variable do not overlap")
  }

  /// [rows, 3 · width]: queries, keys, values side by side, as GPT-2 has them.
  public static func joint(_ all: Variable) -> AttentionInputs {
    let width = all.width / 3
    return AttentionInputs(
      queries: AttentionView(all, columns: 0..<width), keys: AttentionView(all, columns: width..<2 * width),
      values: AttentionView(all, columns: 2 * width..<3 * width))
  }

  /// Queries [rows, width], and keys beside values [rows, 2 · width], as ClipCap's mapping network has them.
  public static func separate(queries: Variable, keysValues: Variable) -> AttentionInputs {
    let width = keysValues.width / 2
    return AttentionInputs(
      queries: AttentionView(queries), keys: AttentionView(keysValues, columns: 0..<width),
      values: AttentionView(keysValues, columns: width..<2 * width))
  }

  /// Those of the views of a variable.
  private func columns(of variable: Variable) -> [Range<Int>] {
    [queries, keys, values].filter { $0.variable === variable }.map(\.columns)
  }

  /// The variables' rows of a sequence.
  func rows(ofSequence sequence: Int) -> [Range<Int>] {
    variables.map { $0.packing.rows(ofSequence: sequence) }
  }

  /// Whether views cover all columns of each variable.
  var coversVariables: Bool {
    variables.allSatisfy { variable in columns(of: variable).reduce(0) { $0 + $1.count } == variable.width }
  }

  /// The views in rows that are shaped like the variables: in their values, or in their gradients.
  func parts(of rows: [UnsafeMutablePointer<Float>]) -> (queries: Part, keys: Part, values: Part) {
    func part(_ view: AttentionView) -> Part {
      for (variable, row) in zip(variables, rows) where variable === view.variable {
        return Part(pointer: row + view.columns.lowerBound, stride: variable.width)
      }
      preconditionFailure("each view is of one of the variables")
    }
    return (part(queries), part(keys), part(values))
  }

  /// Columns of rows, from the first row on.
  struct Part: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    let stride: Int

    func row(_ row: Int) -> UnsafeMutablePointer<Float> { pointer + row * stride }
  }
}

extension Tape {
  /// Softmax attention within every sequence (Vaswani et al. 2017, section 3.2), scaled by the root of the head's width.
  ///
  /// - Parameters:
  ///   - inputs: with fewer key heads than query heads, as many of these share a key head as the numbers' ratio says
  ///     (Ainslie et al. 2023, “GQA”).
  ///   - heads: of the queries.
  ///   - bias: what is added to the scaled scores, [Σ queries · keys of the sequences, heads]: of each sequence a row for
  ///     each key of the first query, then of the second.
  ///   - causal: whether a row sees only itself and the rows before it; of a longer memory the last row is itself.
  ///   - dropout: probability that a weight is dropped.
  /// - Returns: [rows, width], heads side by side, for linear layers. Zeros for a sequence without keys.
  public func attention(
    _ inputs: AttentionInputs, heads: Int, bias: Variable? = nil, causal: Bool, dropout: Float = 0
  ) -> LinearInput {
    let packing = inputs.queries.variable.packing
    let memory = inputs.keys.variable.packing
    let width = inputs.queries.width
    let headWidth = width / heads
    let keyHeads = inputs.keys.width / headWidth
    precondition(headWidth * heads == width, "heads share the width evenly")
    precondition(
      keyHeads * headWidth == inputs.keys.width && keyHeads > 0 && heads % keyHeads == 0,
      "key heads are as wide as query heads, and each serves as many of these")
    let queryCounts = (0..<packing.sequences).map { packing.rows(ofSequence: $0).count }
    let keyCounts = (0..<packing.sequences).map { memory.rows(ofSequence: $0).count }
    let pairCounts = zip(queryCounts, keyCounts).map(*)
    precondition(
      !causal || zip(queryCounts, keyCounts).allSatisfy(<=),
      "in causal attention each query is one of the keys")
    precondition(
      bias.map { $0.width == heads && $0.packing == packing.with(lengths: pairCounts) } ?? true,
      "a bias has a row for each query and key, and a column for each head")
    let site = nextDropout(dropout)
    let out = backend.operands(rows: packing.rows, columns: width)
    let probabilityStarts = pairCounts.map { heads * $0 }.prefixSums()
    let probabilities = backend.matrix(1, probabilityStarts[packing.sequences])
    let values = inputs.variables.map(\.value)

    /// Calls `body` for every head of a sequence.
    func forEachHead(ofSequence sequence: Int, _ body: (inout AttentionHead) -> Void) {
      let (queries, keys, pairs) = (queryCounts[sequence], keyCounts[sequence], pairCounts[sequence])
      let rows = inputs.rows(ofSequence: sequence)
      let parts = inputs.parts(of: zip(values, rows).map { $0.row($1.lowerBound) })
      var mask = site ?? capstan_dropout()
      mask.sample = packing.samples[sequence]
      let floats = capstan_attention_head.scratchFloats(queries: queries, keys: keys, width: headWidth)
      backend.withScratch(floats + pairs) { scratch in
        withUnsafePointer(to: &mask) { mask in
          for index in 0..<heads {
            let column = index * headWidth
            let keyColumn = index * keyHeads / heads * headWidth
            let inC = capstan_attention_head(
              query: parts.queries.pointer + column, key: parts.keys.pointer + keyColumn,
              value: parts.values.pointer + keyColumn, query_stride: parts.queries.stride,
              key_stride: parts.keys.stride, value_stride: parts.values.stride, queries: queries, keys: keys,
              width: headWidth, visible: causal ? keys - queries + 1 : keys,
              scale: 1 / Float(headWidth).squareRoot(), dropout: site == nil ? nil : mask,
              dropout_offset: index * pairs, bias: nil, bias_gradient: nil)
            var head = AttentionHead(
              inC: inC, index: index, column: column, keyColumn: keyColumn,
              isFirstOfKeyHead: index * keyHeads % heads == 0,
              probabilities: probabilities.pointer + probabilityStarts[sequence] + index * pairs,
              scratch: scratch, pairScratch: scratch + floats)
            body(&head)
          }
        }
      }
    }

    let pairs = zip(queryCounts, keyCounts).reduce(0) { sum, counts in
      let (queries, keys) = counts
      // In causal attention the last query sees all keys, the one before it one less.
      return sum + queries * keys - (causal ? queries * (queries - 1) / 2 : 0)
    }
    let longest = max(queryCounts.max() ?? 0, keyCounts.max() ?? 0)
    let headScratch = capstan_attention_head.scratchFloats(queries: longest, keys: longest, width: headWidth)
    backend.operations?.countAttention(pairs: pairs, width: width, products: 2)
    backend.parallel(packing.sequences, scratch: headScratch + out.scratch(forRows: longest)) {
      [backend] sequence in
      out.write(packing.rows(ofSequence: sequence), on: backend) { out in
        forEachHead(ofSequence: sequence) { head in
          if let bias {
            let first = bias.value.row(bias.packing.rows(ofSequence: sequence).lowerBound) + head.index
            for pair in 0..<pairCounts[sequence] { head.pairScratch[pair] = first[pair * heads] }
            head.inC.bias = UnsafePointer(head.pairScratch)
          }
          backend.kernels.attention(out + head.column, width, head.probabilities, head.scratch, &head.inC)
        }
      }
    }
    let sources = inputs.variables + (bias.map { [$0] } ?? [])
    let output = LinearInput(
      out, packing: packing,
      requiresGradient: isRecording && sources.contains(where: \.requiresGradient), on: backend)
    let biasRows = bias.map { ($0.packing, $0.gradientSum) }
    let coversVariables = inputs.coversVariables
    record(output.gradient?.sum, contributingTo: []) { [backend] dOut in
      let dOut = dOut.matrix(on: backend)
      let gradients = inputs.variables.map { input -> BatchElements in
        input.gradientSum?.takesRounded == true
          ? backend.operands(rows: input.rows, columns: input.width)
          : .exact(backend.matrix(input.rows, input.width))
      }
      let biasGradient = biasRows.flatMap { packing, sum in
        sum.map { _ in backend.matrix(packing.rows, heads) }
      }
      let roundingScratch = gradients.reduce(0) { $0 + $1.scratch(forRows: longest) }
      backend.operations?.countAttention(pairs: pairs, width: width, products: 4)
      backend.parallel(packing.sequences, scratch: headScratch + roundingScratch) { sequence in
        let rows = inputs.rows(ofSequence: sequence)
        gradients.write(rows, on: backend) { pointers in
          if !coversVariables {
            for (pointer, (variable, rows)) in zip(pointers, zip(inputs.variables, rows)) {
              pointer.update(repeating: 0, count: rows.count * variable.width)
            }
          }
          let parts = inputs.parts(of: pointers)
          forEachHead(ofSequence: sequence) { head in
            if biasGradient != nil { head.inC.bias_gradient = head.pairScratch }
            head.addGradient(
              queries: parts.queries, keys: parts.keys, values: parts.values,
              dOut: dOut.row(packing.rows(ofSequence: sequence).lowerBound), width, on: backend)
            if let biasGradient, let (packing, _) = biasRows {
              let first = biasGradient.row(packing.rows(ofSequence: sequence).lowerBound) + head.index
              for pair in 0..<pairCounts[sequence] { first[pair * heads] = head.pairScratch[pair] }
            }
          }
        }
      }
      for (input, gradient) in zip(inputs.variables, gradients) {
        input.gradientSum?.add(gradient, on: backend)
      }
      if let biasGradient { biasRows?.1?.add(biasGradient, on: backend) }
    }
    return output
  }
}

/// A head of a sequence, and where its numbers are.
private struct AttentionHead {
  var inC: capstan_attention_head
  let index: Int
  /// The first, of queries and of what comes out.
  let column: Int
  /// The first, of keys and of values.
  let keyColumn: Int
  /// Whether no head before it has the same keys.
  let isFirstOfKeyHead: Bool
  /// [queries, keys]
  let probabilities: UnsafeMutablePointer<Float>
  let scratch: UnsafeMutablePointer<Float>
  /// [queries, keys]
  let pairScratch: UnsafeMutablePointer<Float>

  /// Writes the gradients of queries, keys and values; adds those of keys and values where other heads have the same.
  /// - Parameter dOut: the sequence's first row, of `width`.
  mutating func addGradient(
    queries: AttentionInputs.Part, keys: AttentionInputs.Part, values: AttentionInputs.Part,
    dOut: UnsafeMutablePointer<Float>, _ width: Int, on backend: Backend
  ) {
    let (dKeys, dValues) = (keys.pointer + keyColumn, values.pointer + keyColumn)
    func run(_ dKeys: UnsafeMutablePointer<Float>, _ dValues: UnsafeMutablePointer<Float>) {
      backend.kernels.attention_gradient(
        queries.pointer + column, dKeys, dValues, dOut + column, width, probabilities, scratch, &inC)
    }
    guard !isFirstOfKeyHead else { return run(dKeys, dValues) }
    let count = inC.keys
    backend.withScratch(count * (keys.stride + values.stride)) { scratch in
      let (ownKeys, ownValues) = (scratch, scratch + count * keys.stride)
      run(ownKeys, ownValues)
      for key in 0..<count {
        let (keyRow, valueRow) = (dKeys + key * keys.stride, dValues + key * values.stride)
        backend.kernels.add(keyRow, keyRow, ownKeys + key * keys.stride, inC.width)
        backend.kernels.add(valueRow, valueRow, ownValues + key * values.stride, inC.width)
      }
    }
  }
}

extension capstan_attention_head {
  /// What attention and its gradient want of scratch memory at most.
  static func scratchFloats(queries: Int, keys: Int, width: Int) -> Int {
    16 * width + queries * (keys + 15) + 2 * queries * keys
  }
}
