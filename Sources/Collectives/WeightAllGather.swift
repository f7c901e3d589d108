import Support
import Tensors

/// Gives the blocks of a buffer that each rank has updated to the other nodes, bucket by bucket: the all-gather of ZeRO
/// stage 1.
///
/// A rank sends to those with its local rank on all other nodes and takes from them; nothing is added, so no order matters.
struct WeightAllGather {
  let values: Matrix
  let blocks: [Range<Int>]
  /// In which the values of each block travel.
  let precisions: [Precision]
  let partition: ShardPartition
  let communicator: Communicator
  let backend: Backend
  private var arrivals: [Arrival] = []

  /// Blocks that are on their way from a rank, while others go there.
  private struct Arrival {
    let blocks: Range<Int>
    var transfer: Communicator.Exchange
    let sent: Matrix
    let received: Matrix
  }

  init(
    _ values: Matrix, _ blocks: [Range<Int>], _ precisions: [Precision], _ partition: ShardPartition,
    _ communicator: Communicator, on backend: Backend
  ) {
    self.values = values
    self.blocks = blocks
    self.precisions = precisions
    self.partition = partition
    self.communicator = communicator
    self.backend = backend
  }

  /// What is still to be taken.
  var messagesUnderWay: Int { arrivals.count }

  /// Begins with a bucket of which this rank has updated its piece.
  mutating func start(_ index: Int) {
    let bucket = partition.buckets[index]
    let mine = bucket.blocks(of: partition.piece(of: communicator.rank))
    let places = wordPlaces(of: mine)
    let sent = backend.matrix(1, places[mine.count])
    backend.pool.parallel(mine.count) { task in
      let block = mine.lowerBound + task
      backend.encode(
        values.pointer + blocks[block].lowerBound, count: blocks[block].count, as: precisions[block],
        to: sent.pointer + places[task])
    }
    for peer in partition.peers(of: communicator.rank) {
      let theirs = bucket.blocks(of: partition.piece(of: peer))
      let received = backend.matrix(1, wordPlaces(of: theirs)[theirs.count])
      let transfer = communicator.startExchange(
        send: sent.pointer, count: sent.count, receive: received.pointer, count: received.count, with: peer,
        tag: index)
      arrivals.append(Arrival(blocks: theirs, transfer: transfer, sent: sent, received: received))
    }
  }

  /// Whether something can be taken.
  mutating func hasArrival() -> Bool {
    arrivals.indices.contains { communicator.isComplete(&arrivals[$0].transfer) }
  }

  /// Puts the values of one message that has arrived, if any, where they belong.
  /// - Parameter arrived: called for each of their blocks, from any thread.
  /// - Returns: whether there was one.
  @discardableResult
  mutating func takeNext(_ arrived: (Int) -> Void) -> Bool {
    guard
      let index = arrivals.indices.first(where: { communicator.isComplete(&arrivals[$0].transfer) })
    else { return false }
    let arrival = arrivals.remove(at: index)
    let places = wordPlaces(of: arrival.blocks)
    backend.pool.parallel(arrival.blocks.count) { task in
      let block = arrival.blocks.lowerBound + task
      backend.decode(
        arrival.received.pointer + places[task], count: blocks[block].count, as: precisions[block],
        to: values.pointer + blocks[block].lowerBound)
      arrived(block)
    }
    return true
  }

  /// Where each of consecutive blocks begins in a message, and behind the last where it ends.
  private func wordPlaces(of consecutive: Range<Int>) -> [Int] {
    consecutive.map { precisions[$0].words(of: blocks[$0].count) }.prefixSums()
  }
}
