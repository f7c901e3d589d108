import CKernels
import Tensors

/// Keys and values of the positions that a set of sequences of equal length has been through, for one layer after
/// the other: what makes a further token cost one row instead of all.
///
/// They stay where they were computed, once for all sequences that go back to them: a sequence is a list of places, and
/// nothing is copied when it forks. They are kept in the precision of products.
public final class KeyValueCache {
  /// Positions that are filled.
  public private(set) var length = 0
  private let layers: Int
  /// Of the keys of a position, and of its values.
  private let width: Int
  private let backend: Backend
  private var passes: [Pass] = []
  /// Of each sequence, which one it was in each pass.
  private var ancestors: [[Int]]

  /// New positions, equally many of each sequence, that went through all layers together.
  private struct Pass {
    let sequences: Int
    let count: Int
    /// [layers · sequences · count, 2 · width]: keys beside values, layer after layer.
    let rows: Matrix

    func row(layer: Int, sequence: Int, position: Int) -> UnsafeMutablePointer<Float> {
      rows.row((layer * sequences + sequence) * count + position)
    }
  }

  public init(sequences: Int, layers: Int, width: Int, on backend: Backend) {
    self.layers = layers
    self.width = width
    self.backend = backend
    ancestors = Array(repeating: [], count: sequences)
  }

  /// Sequence i becomes what sequence `parents[i]` was; their number may change.
  public func rearrange(_ parents: [Int]) { ancestors = parents.map { ancestors[$0] } }

  /// Ends a pass over all layers in which every sequence got `count` positions more.
  public func advance(by count: Int) { length += count }

  /// Takes in the keys and values of new positions, and lets these attend to all so far.
  /// inputs: of sequences · new positions.
  fileprivate func attend(_ inputs: AttentionInputs, layer: Int, heads: Int) -> BatchElements {
    let rows = inputs.queries.variable.rows
    let queryWidth = inputs.queries.width
    let headWidth = queryWidth / heads
    precondition(
      inputs.keys.width == width && width % headWidth == 0 && heads % (width / headWidth) == 0,
      "the cache is as wide as the keys, whose heads each serve as many of the queries")
    let count = rows / ancestors.count
    if layer == 0 { beginPass(of: count) }
    let out = backend.operands(rows: rows, columns: queryWidth)
    let parts = inputs.parts(of: inputs.variables.map(\.value.pointer))
    backend.pool.parallel(ancestors.count) { sequence in
      var places: [UnsafeRawPointer?] = []
      places.reserveCapacity(length + count)
      for (pass, ancestor) in zip(passes, ancestors[sequence]) {
        for position in 0..<pass.count {
          places.append(UnsafeRawPointer(pass.row(layer: layer, sequence: ancestor, position: position)))
        }
      }
      for position in 0..<count {
        let row = sequence * count + position
        keep(
          keys: parts.keys.row(row), values: parts.values.row(row),
          in: passes[passes.count - 1].row(layer: layer, sequence: sequence, position: position))
      }
      places.withUnsafeBufferPointer { places in
        backend.withScratch(places.count) { probabilities in
          let first = sequence * count
          out.write(first..<first + count, on: backend) { out in
            for position in 0..<count {
              var rows = capstan_cached_rows(
                rows: places.baseAddress, count: length + position + 1, heads: heads,
                key_heads: width / headWidth, width: headWidth, scale: 1 / Float(headWidth).squareRoot(),
                rounded: isRounded)
              backend.kernels.cached_attention(
                out + position * queryWidth, probabilities, parts.queries.row(first + position), &rows)
            }
          }
        }
      }
    }
    return out
  }

  private func beginPass(of count: Int) {
    let sequences = ancestors.count
    passes.append(
      Pass(
        sequences: sequences, count: count,
        rows: backend.matrix(layers * sequences * count, isRounded ? roundedWidth / 2 : 2 * width)))
    for sequence in 0..<sequences { ancestors[sequence].append(sequence) }
  }

  private func keep(
    keys: UnsafePointer<Float>, values: UnsafePointer<Float>, in row: UnsafeMutablePointer<Float>
  ) {
    guard isRounded else {
      row.update(from: keys, count: width)
      (row + width).update(from: values, count: width)
      return
    }
    // Rounding fills a row with zeros up to a multiple of 16, so the values come behind the keys.
    let numbers = UnsafeMutableRawPointer(row).assumingMemoryBound(to: UInt16.self)
    let filled = width.padded(to: 16)
    backend.kernels.round_rows(numbers, filled, keys, width, 1, width)
    backend.kernels.round_rows(numbers + width, filled, values, width, 1, width)
  }

  private var isRounded: Bool { backend.precision == .bfloat16 }

  /// Numbers of a row in bfloat16: of the values as many as rounding writes, an even number of all.
  private var roundedWidth: Int { (width + width.padded(to: 16)).padded(to: 2) }
}

extension Tape {
  /// Causal attention of new rows over a cache, which takes them in.
  /// - Parameter inputs: [sequences · new rows, …] each.
  public func attention(
    _ inputs: AttentionInputs, heads: Int, cache: KeyValueCache, layer: Int
  ) -> LinearInput {
    precondition(!isRecording, "a cache is for generation: nothing flows back through it")
    return LinearInput(
      cache.attend(inputs, layer: layer, heads: heads), packing: inputs.queries.variable.packing,
      requiresGradient: false, on: backend)
  }
}
