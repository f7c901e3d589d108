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
  /// One matrix a layer, [sequences · capacity, 2 · width]: keys beside values.
  private var stores: [Matrix]
  private var sequences: Int

  /// - Parameter capacity: positions that a sequence can have.
  public init(sequences: Int, layers: Int, capacity: Int, width: Int, on backend: Backend) {
    self.layers = layers
    self.capacity = capacity
    self.width = width
    self.backend = backend
    self.sequences = sequences
    stores = (0..<layers).map { _ in backend.matrix(sequences * capacity, 2 * width) }
  }

  /// Sequence i becomes what sequence `parents[i]` was; their number may change.
  public func rearrange(_ parents: [Int]) {
    stores = stores.map { store in
      let rearranged = backend.matrix(parents.count * capacity, 2 * width)
      backend.pool.parallel(parents.count) { sequence in
        rearranged.row(sequence * capacity).update(
          from: store.row(parents[sequence] * capacity), count: length * 2 * width)
      }
      return rearranged
    }
    sequences = parents.count
  }

  /// Ends a pass over all layers in which every sequence got `count` positions more.
  public func advance(by count: Int) { length += count }

  /// Writes the keys and values of new positions. joint: [sequences · count, 3 · width].
  fileprivate func append(_ joint: Matrix, layer: Int, count: Int) -> Matrix {
    precondition(length + count <= capacity, "a cache is as long as the longest sequence")
    let store = stores[layer]
    for sequence in 0..<sequences {
      for position in 0..<count {
        store.row(sequence * capacity + length + position)
          .update(from: joint.row(sequence * count + position) + width, count: 2 * width)
      }
    }
    return store
  }

  /// Attention of new rows over all positions so far. joint: [sequences · count, 3 · width].
  fileprivate func attend(_ joint: Matrix, layer: Int, heads: Int) -> Matrix {
    let count = joint.rows / sequences
    let store = append(joint, layer: layer, count: count)
    let headWidth = width / heads
    let out = backend.matrix(joint.rows, width)
    let keys = length + count
    backend.pool.parallel(sequences) { sequence in
      let scratch = backend.matrix(count + 1, keys)
      for index in 0..<heads {
        let column = index * headWidth
        let past = store.row(sequence * capacity) + column
        var head = capstan_attention_head(
          query: joint.row(sequence * count) + column, key: past, value: past + width,
          query_stride: 3 * width,
          key_stride: 2 * width, value_stride: 2 * width, queries: count, keys: keys, width: headWidth,
          visible: length + 1, scale: 1 / Float(headWidth).squareRoot(), dropout: nil, dropout_offset: 0)
        backend.kernels.attention(
          out.row(sequence * count) + column, width, scratch.pointer, scratch.row(count), &head)
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
