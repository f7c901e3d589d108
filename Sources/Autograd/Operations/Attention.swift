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

  /// The parts of rows that are shaped like the inputs: their values, or their gradients.
  func parts(of rows: [UnsafeMutablePointer<Float>]) -> (queries: Part, keys: Part, values: Part) {
    let widths = variables.map(\.width)
    let (queries, others) = (rows[0], rows[rows.count - 1])
    let first = rows.count == 1 ? width : 0
    let stride = widths[widths.count - 1]
    return (
      Part(pointer: queries, stride: widths[0]), Part(pointer: others + first, stride: stride),
      Part(pointer: others + first + width, stride: stride)
    )
  }

  /// Columns of rows, from the first row on.
  struct Part {
    let pointer: UnsafeMutablePointer<Float>
    let stride: Int
  }
}

extension Tape {
  /// Softmax attention within every sequence (Vaswani et al. 2017, section 3.2), scaled by the root of the head's width.
  ///
  /// - Parameters:
  ///   - causal: whether a row sees only itself and the rows before it.
  ///   - dropout: probability that a weight is dropped.
  /// - Returns: [rows, width], heads side by side, for linear layers.
  public func attention(_ inputs: AttentionInputs, heads: Int, causal: Bool, dropout: Float = 0)
    -> LinearInput
  {
    let packing = inputs.packing
    let width = inputs.width
    let headWidth = width / heads
    precondition(headWidth * heads == width, "heads share the width evenly")
    let site = nextDropout(dropout)
    let out = backend.operands(rows: packing.rows, columns: width)
    let squares = (0..<packing.sequences).map { packing.rows(ofSequence: $0).count }.map { heads * $0 * $0 }
    let probabilityStarts = squares.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let probabilities = backend.matrix(1, probabilityStarts[packing.sequences])
    let values = inputs.variables.map(\.value)

    /// Calls `body` for every head of a sequence.
    func forEachHead(
      ofSequence sequence: Int,
      _ body: (
        _ head: inout capstan_attention_head, _ column: Int, _ probabilities: UnsafeMutablePointer<Float>,
        _ scratch: UnsafeMutablePointer<Float>
      ) -> Void
    ) {
      let rows = packing.rows(ofSequence: sequence)
      let length = rows.count
      let parts = inputs.parts(of: values.map { $0.row(rows.lowerBound) })
      var mask = site ?? capstan_dropout()
      mask.sample = packing.samples[sequence]
      let floats = capstan_attention_head.scratchFloats(queries: length, keys: length, width: headWidth)
      backend.withScratch(floats) { scratch in
        withUnsafePointer(to: &mask) { mask in
          for index in 0..<heads {
            let column = index * headWidth
            var head = capstan_attention_head(
              query: parts.queries.pointer + column, key: parts.keys.pointer + column,
              value: parts.values.pointer + column, query_stride: parts.queries.stride,
              key_stride: parts.keys.stride, value_stride: parts.values.stride, queries: length, keys: length,
              width: headWidth, visible: causal ? 1 : length, scale: 1 / Float(headWidth).squareRoot(),
              dropout: site == nil ? nil : mask, dropout_offset: index * length * length)
            let place = probabilities.pointer + probabilityStarts[sequence] + index * length * length
            body(&head, column, place, scratch)
          }
        }
      }
    }

    backend.pool.parallel(packing.sequences) { [backend] sequence in
      out.write(packing.rows(ofSequence: sequence), on: backend) { out in
        forEachHead(ofSequence: sequence) { head, column, probabilities, scratch in
          backend.kernels.attention(out + column, width, probabilities, scratch, &head)
        }
      }
    }
    let output = LinearInput(
      out, packing: packing,
      requiresGradient: isRecording && inputs.variables.contains(where: \.requiresGradient), on: backend)
    record(output.gradient?.sum, contributingTo: []) { [backend] dOut in
      let dOut = dOut.matrix(on: backend)
      let gradients = inputs.variables.map { input -> BatchElements in
        input.gradientSum?.takesRounded == true
          ? backend.operands(rows: input.rows, columns: input.width)
          : .exact(backend.matrix(input.rows, input.width))
      }
      backend.pool.parallel(packing.sequences) { sequence in
        let rows = packing.rows(ofSequence: sequence)
        gradients.write(rows, on: backend) { pointers in
          let parts = inputs.parts(of: pointers)
          forEachHead(ofSequence: sequence) { head, column, probabilities, scratch in
            backend.kernels.attention_gradient(
              parts.queries.pointer + column, parts.keys.pointer + column, parts.values.pointer + column,
              dOut.row(rows.lowerBound) + column, width, probabilities, scratch, &head)
          }
        }
      }
      for (input, gradient) in zip(inputs.variables, gradients) {
        input.gradientSum?.add(gradient, on: backend)
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
