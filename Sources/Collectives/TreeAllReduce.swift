import Tensors

extension Communicator {
  /// Sums a buffer of floats over all ranks, in the balanced tree that continues the one over lanes: neighbours first,
  /// then pairs of neighbours at distance 2, 4, … Float addition commutes, so only the tree's shape matters.
  ///
  /// Where the number of ranks is a power of two, each exchange halves what a rank is responsible for (recursive
  /// halving with doubling distance), and the sums come back the same way; so a rank sends less than twice the buffer.
  public func treeAllReduce(_ buffer: Matrix, on backend: Backend) {
    guard size > 1 else { return }
    if size & (size - 1) == 0 {
      halvingSum(buffer, on: backend)
    } else {
      binomialSum(buffer, on: backend)
    }
  }

  private func halvingSum(_ buffer: Matrix, on backend: Backend) {
    let received = backend.matrix(1, (buffer.count + 1) / 2)
    var mine = 0..<buffer.count
    var splits: [(partner: Int, mine: Range<Int>, theirs: Range<Int>)] = []
    var distance = 1
    while distance < size {
      let partner = rank ^ distance
      let middle = mine.lowerBound + mine.count / 2
      let (lower, upper) = (mine.lowerBound..<middle, middle..<mine.upperBound)
      let (kept, given) = rank < partner ? (lower, upper) : (upper, lower)
      exchange(
        send: buffer.pointer + given.lowerBound, count: given.count, to: partner, receive: received.pointer,
        count: kept.count, from: partner)
      add(received, to: buffer, kept, on: backend)
      splits.append((partner, kept, given))
      mine = kept
      distance *= 2
    }
    for split in splits.reversed() {
      exchange(
        send: buffer.pointer + split.mine.lowerBound, count: split.mine.count, to: split.partner,
        receive: buffer.pointer + split.theirs.lowerBound, count: split.theirs.count, from: split.partner)
    }
  }

  /// The same tree for any number of ranks: sums flow to rank 0 and the total is sent to all.
  private func binomialSum(_ buffer: Matrix, on backend: Backend) {
    let piece = 1 << 22
    let received = backend.matrix(1, min(piece, buffer.count))
    for start in stride(from: 0, to: buffer.count, by: piece) {
      let range = start..<min(buffer.count, start + piece)
      let values = buffer.pointer + start
      var distance = 1
      while distance < size {
        if rank % (2 * distance) != 0 {
          send(values, count: range.count, to: rank - distance)
          break
        }
        if rank + distance < size {
          receive(received.pointer, count: range.count, from: rank + distance)
          add(received, to: buffer, range, on: backend)
        }
        distance *= 2
      }
      broadcast(values, count: range.count)
    }
  }

  private func add(_ received: Matrix, to buffer: Matrix, _ range: Range<Int>, on backend: Backend) {
    let sum = buffer.slice(range.lowerBound, count: range.count)
    backend.add(sum, received, into: sum)
  }
}
