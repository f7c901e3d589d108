import CKernels
import Tensors

/// Keys and values of the positions that a set of sequences of equal length has been through, for one layer after
/// the other: what makes a further token cost one row instead of all.
public final class KeyValueCache {
  /// Positions that are filled.
  public private(set) var length = 0
  private let layers: Int
  private let capacity: Int
  private let width: Int
  private let backend: Backend
  /// One matrix a sequence, [layers · capacity, 2 · width]: keys beside values.
  private var sequences: [Matrix]

  /// - Parameter capacity: positions that a sequence can have.
  public init(sequences: Int, layers: Int, capacity: Int, width: Int, on backend: Backend) {
    self.layers = layers
    self.capacity = capacity
    self.width = width
    self.backend = backend
    self.sequences = (0..<sequences).map { _ in backend.matrix(layers * capacity, 2 * width) }
  }

  /// Sequence i becomes what sequence `parents[i]` was; their number may change. A parent's first child takes its
  /// memory over, so only further children cost a copy.
  public func rearrange(_ parents: [Int]) {
    let former = sequences
    var isTaken = former.map { _ in false }
    var copied: [Int] = []
    sequences = parents.enumerated().map { child, parent in
      guard isTaken[parent] else {
        isTaken[parent] = true
        return former[parent]
      }
      copied.append(child)
      return backend.matrix(layers * capacity, 2 * width)
    }
    backend.pool.parallel(copied.count) { index in
      let (child, parent) = (sequences[copied[index]], former[parents[copied[index]]])
      for layer in 0..<layers {
        child.row(layer * capacity).update(from: parent.row(layer * capacity), count: length * 2 * width)
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
    precondition(keys <= capacity, "a cache is as long as the longest sequence")
    let headWidth = width / heads
    let out = backend.matrix(joint.rows, width)
    backend.pool.parallel(sequences.count) { sequence in
      let first = sequence * count
      let past = sequences[sequence].row(layer * capacity)
      for position in 0..<count {
        (past + (length + position) * 2 * width).update(
          from: joint.row(first + position) + width, count: 2 * width)
      }
      backend.withScratch((count + 1) * keys) { scratch in
        for column in stride(from: 0, to: width, by: headWidth) {
          var head = capstan_attention_head(
            query: joint.row(first) + column, key: past + column, value: past + width + column,
            query_stride: 3 * width, key_stride: 2 * width, value_stride: 2 * width, queries: count,
            keys: keys,
            width: headWidth, visible: length + 1, scale: 1 / Float(headWidth).squareRoot(), dropout: nil,
            dropout_offset: 0)
          backend.kernels.attention(
            out.row(first) + column, width, scratch, scratch + count * keys, &head)
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
