import CKernels
import Tensors

/// Where queries, keys and values stand: in one matrix or in two.
public enum AttentionInputs {
  /// [rows, 3 · width]: queries, keys, values side by side, as GPT-2 has them.
  case joint(Variable)
  /// Queries [rows, width], and keys beside values [rows, 2 · width], as ClipCap's mapping network has them.
  case separate(queries: Variable, keysValues: Variable)

  private var queries: Variable {
    switch self {
    case .joint(let all): all
    case .separate(let queries, _): queries
    }
  }

  var packing: Packing { queries.packing }

  var width: Int {
    switch self {
    case .joint(let all): all.width / 3
    case .separate(let queries, _): queries.width
    }
  }

  var variables: [Variable] {
    switch self {
    case .joint(let all): [all]
    case .separate(let queries, let keysValues): [queries, keysValues]
    }
  }

  /// The parts of matrices that are shaped like the inputs: their values, or their gradients.
  func parts(of matrices: [Matrix]) -> (queries: Part, keys: Part, values: Part) {
    let queries = matrices[0]
    let others = matrices[matrices.count - 1]
    let first = matrices.count == 1 ? width : 0
    return (Part(queries, 0), Part(others, first), Part(others, first + width))
  }

  /// Columns of a matrix from an offset on.
  struct Part {
    let pointer: UnsafeMutablePointer<Float>
    let stride: Int

    init(_ matrix: Matrix, _ column: Int) {
      pointer = matrix.pointer + column
      stride = matrix.columns
    }

    func at(row: Int, column: Int) -> UnsafeMutablePointer<Float> { pointer + row * stride + column }
  }
}

extension Tape {
  /// Softmax attention within every sequence (Vaswani et al. 2017, section 3.2), scaled by the root of the head's width.
  ///
  /// - Parameters:
  ///   - causal: whether a row sees only itself and the rows before it.
  ///   - dropout: probability that a weight is dropped.
  /// - Returns: [rows, width], heads side by side.
  public func attention(_ inputs: AttentionInputs, heads: Int, causal: Bool, dropout: Float = 0) -> Variable {
    let packing = inputs.packing
    let width = inputs.width
    let headWidth = width / heads
    precondition(headWidth * heads == width, "heads share the width evenly")
    let site = nextDropout(dropout)
    let out = backend.matrix(packing.rows, width)
    let squares = (0..<packing.sequences).map { packing.rows(ofSequence: $0).count }.map { heads * $0 * $0 }
    let probabilityStarts = squares.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let probabilities = backend.matrix(1, probabilityStarts[packing.sequences])
    let values = inputs.parts(of: inputs.variables.map(\.value))

    /// Calls `body` for every head of every sequence, sequences in parallel.
    func forEachHead(
      _ body: (
        _ head: inout capstan_attention_head, _ row: Int, _ column: Int,
        _ probabilities: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
      ) -> Void
    ) {
      backend.pool.parallel(packing.sequences) { sequence in
        let rows = packing.rows(ofSequence: sequence)
        let length = rows.count
        var mask = site ?? capstan_dropout()
        mask.sample = packing.samples[sequence]
        let floats = capstan_attention_head.scratchFloats(queries: length, keys: length, width: headWidth)
        backend.withScratch(floats) { scratch in
          withUnsafePointer(to: &mask) { mask in
            for index in 0..<heads {
              let column = index * headWidth
              var head = capstan_attention_head(
                query: values.queries.at(row: rows.lowerBound, column: column),
                key: values.keys.at(row: rows.lowerBound, column: column),
                value: values.values.at(row: rows.lowerBound, column: column),
                query_stride: values.queries.stride, key_stride: values.keys.stride,
                value_stride: values.values.stride, queries: length, keys: length, width: headWidth,
                visible: causal ? 1 : length, scale: 1 / Float(headWidth).squareRoot(),
                dropout: site == nil ? nil : mask, shared: nil, dropout_offset: index * length * length)
              let place = probabilities.pointer + probabilityStarts[sequence] + index * length * length
              body(&head, rows.lowerBound, column, place, scratch)
            }
          }
        }
      }
    }

    forEachHead { [backend] head, row, column, probabilities, scratch in
      backend.kernels.attention(out.row(row) + column, width, probabilities, scratch, &head)
    }
    let output = variable(
      out, packing, requiresGradient: inputs.variables.contains(where: \.requiresGradient))
    record(output) { [backend] dOut in
      let gradients = inputs.variables.map { backend.matrix($0.rows, $0.width) }
      let parts = inputs.parts(of: gradients)
      forEachHead { head, row, column, probabilities, scratch in
        backend.kernels.attention_gradient(
          parts.queries.at(row: row, column: column), parts.keys.at(row: row, column: column),
          parts.values.at(row: row, column: column), dOut.row(row) + column, width, probabilities, scratch,
          &head)
      }
      for (input, gradient) in zip(inputs.variables, gradients) where input.requiresGradient {
        input.addGradient(gradient, on: backend)
      }
    }
    return output
  }
}

extension capstan_attention_head {
  /// What attention and its gradient want of scratch memory at most.
  static func scratchFloats(queries: Int, keys: Int, width: Int) -> Int {
    16 * width + queries * (keys + 15) + 2 * queries * keys
  }
}
