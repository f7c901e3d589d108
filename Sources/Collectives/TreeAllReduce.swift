import Tensors

extension Communicator {
  /// Sums a buffer of floats over all ranks, in the balanced tree that continues the one over lanes (``TreeReducer``):
  /// neighbours first, then pairs of neighbours at distance 2, 4, … Sums flow to rank 0, which sends the total to all.
  ///
  /// This is for numbers of nodes that no ``ShardPartition`` halves; ``GradientReduction`` sends less.
  public func treeAllReduce(_ buffer: Matrix, on backend: Backend) {
    guard size > 1 else { return }
    let piece = 1 << 22
    let received = backend.matrix(1, min(piece, buffer.count))
    for start in stride(from: 0, to: buffer.count, by: piece) {
      let sum = buffer.slice(start, count: min(piece, buffer.count - start))
      var distance = 1
      while distance < size {
        if rank % (2 * distance) != 0 {
          send(sum.pointer, count: sum.count, to: rank - distance)
          break
        }
        if rank + distance < size {
          receive(received.pointer, count: sum.count, from: rank + distance)
          backend.add(sum, received, into: sum)
        }
        distance *= 2
      }
      broadcast(sum.pointer, count: sum.count)
    }
  }
}
