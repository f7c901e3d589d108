import CKernels
import Tensors

/// Keys and values of the positions that a set of sequences of equal length has been through, for one layer after
/// the other: what makes a further token cost one row instead of all.
///
/// The first positions, a prefix, are kept once for all sequences that go back to the same one.
public final class KeyValueCache {
  /// Positions that are filled.
  public private(set) var length = 0
  private let layers: Int
  private let prefixLength: Int
  private let capacity: Int
  private let width: Int
  private let backend: Backend
  private var sequences: [Sequence]

  /// Keys beside values, 2 · width a row, layer after layer.
  private struct Sequence {
    /// [layers · prefixLength, 2 · width]
    let prefix: Matrix
    /// Of the positions behind the prefix, [layers · capacity, 2 · width].
    var own: Matrix
  }

  /// - Parameters:
  ///   - prefixLength: positions that the first pass takes in.
  ///   - capacity: further positions that a sequence can have.
  public init(
    sequences: Int, layers: Int, prefixLength: Int, capacity: Int, width: Int, on backend: Backend
  ) {
    self.layers = layers
    self.prefixLength = prefixLength
    self.capacity = capacity
    self.width = width
    self.backend = backend
    self.sequences = (0..<sequences).map { _ in
      Sequence(
        prefix: backend.matrix(layers * prefixLength, 2 * width),
        own: backend.matrix(layers * capacity, 2 * width))
    }
  }

  /// Sequence i becomes what sequence `parents[i]` was; their number may change. A parent's first child takes its
  /// memory over, so only further children cost a copy.
  public func rearrange(_ parents: [Int]) {
    let former = sequences
    var isTaken = former.map { _ in false }
    var copied: [Int] = []
    sequences = parents.enumerated().map { child, parent in
      var sequence = former[parent]
      if isTaken[parent] {
        copied.append(child)
        sequence.own = backend.matrix(layers * capacity, 2 * width)
      }
      isTaken[parent] = true
      return sequence
    }
    backend.pool.parallel(copied.count) { index in
      let (child, parent) = (sequences[copied[index]].own, former[parents[copied[index]]].own)
      for layer in 0..<layers {
        child.row(layer * capacity).update(
          from: parent.row(layer * capacity), count: (length - prefixLength) * 2 * width)
      }
    }
  }

  /// Ends a pass over all layers in which every sequence got `count` positions more.
  public func advance(by count: Int) { length += count }

  /// Takes in the keys and values of new positions, and lets these attend to all so far.
  /// joint: [sequences · new positions, 3 · width].
  fileprivate func attend(_ joint: Matrix, layer: Int, heads: Int) -> Matrix {
    let count = joint.rows / sequences.count
    let keys = length + count
    precondition(length > 0 || count == prefixLength, "the first pass takes the prefix in")
    precondition(keys <= prefixLength + capacity, "a cache is as long as the longest sequence")
    let headWidth = width / heads
    let out = backend.matrix(joint.rows, width)
    backend.pool.parallel(sequences.count) { sequence in
      let first = sequence * count
      let prefix = sequences[sequence].prefix.row(layer * prefixLength)
      let isPrefix = length == 0
      let past = isPrefix ? prefix : sequences[sequence].own.row(layer * capacity)
      let filled = isPrefix ? 0 : length - prefixLength
      for position in 0..<count {
        (past + (filled + position) * 2 * width).update(
          from: joint.row(first + position) + width, count: 2 * width)
      }
      backend.withScratch(count * keys) { probabilities in
        for column in stride(from: 0, to: width, by: headWidth) {
          let shared = capstan_shared_keys(
            key: prefix + column, value: prefix + width + column, stride: 2 * width,
            count: isPrefix ? 0 : prefixLength)
          withUnsafePointer(to: shared) { shared in
            var head = capstan_attention_head(
              query: joint.row(first) + column, key: past + column, value: past + width + column,
              query_stride: 3 * width, key_stride: 2 * width, value_stride: 2 * width, queries: count,
              keys: keys, width: headWidth, visible: length + 1, scale: 1 / Float(headWidth).squareRoot(),
              dropout: nil, shared: shared, dropout_offset: 0)
            backend.kernels.attention(out.row(first) + column, width, probabilities, nil, &head)
          }
        }
      }
    }
    return out
  }
}

extension Tape {
  /// Causal attention of new rows over a cache, which takes them in. joint: [sequences · new rows, 3 · width].
  public func attention(_ joint: Variable, heads: Int, cache: KeyValueCache, layer: Int) -> Variable {
    precondition(!isRecording, "a cache is for generation: nothing flows back through it")
    return Variable(cache.attend(joint.value, layer: layer, heads: heads), packing: joint.packing)
  }
}
