import CMPI
import Foundation
import Support
import Tensors

/// Sums a buffer over all ranks, each of which gets the sums of the blocks that it updates (ZeRO stage 1, Rajbhandari et
/// al. 2020), and gives the updated values to all.
///
/// Every element is added in the fixed tree over ranks. Ranks of a node read each other's buffers in place; between nodes
/// the share of each is halved with its partners, in float32 or, where that is asked for, rounded to bfloat16. A bucket
/// is summed as soon as all ranks of the node have come past it, from within ``markReady(upTo:)``: no thread does it behind
/// the caller's back.
///
/// Where the ranks do not divide (``NodeTopology/isDivisible``), each sums and updates everything.
public final class GradientReduction {
  /// The blocks that this rank updates, ascending.
  public let owned: [Int]
  private let blocks: [Range<Int>]
  private let buffers: PerRankBuffers
  private let communicator: Communicator
  private let backend: Backend
  private let timeline: Timeline
  /// nil where everybody does everything.
  private let partition: ShardPartition?
  private let grid: NodeTopology
  /// In which partial sums travel between nodes.
  private let transport: Precision
  /// The rank that updates each block; nil where every rank updates all.
  private let owners: [Int]?
  /// Of every block of this rank's that is summed.
  private var squares: [Double]

  /// How far each rank of the node has come, over all passes.
  private let counters: [UnsafeMutablePointer<UInt64>]
  private var pass = 0
  private var readyOffset = 0
  /// Buckets whose sum has begun.
  private var begun = 0
  private var exchanges: [BucketExchange] = []

  /// The sum of one bucket's share with the other nodes'.
  private struct BucketExchange {
    let bucket: Int
    let round: Int
    var transfer: Communicator.Exchange
    let sent: Matrix
    let received: Matrix
  }

  /// To be made by all ranks of the job together.
  /// - Parameters:
  ///   - blocks: ranges of the buffer, ascending.
  ///   - buffers: the buffer of every rank of the node; the sums of the blocks that it owns replace a rank's own numbers.
  ///   - bucketFloats: of a bucket.
  ///   - transport: in which partial sums travel between nodes, where the ranks divide. In bfloat16 the sums depend on
  ///     the number of nodes: both addends are rounded wherever sums of nodes are added.
  public init(
    _ blocks: [Range<Int>], of buffers: PerRankBuffers, in memory: SharedNodeMemory,
    bucketFloats: Int = 1 << 22,
    transport: Precision = .float32, communicator: Communicator, timeline: Timeline = Timeline(),
    on backend: Backend
  ) {
    self.blocks = blocks
    self.buffers = buffers
    self.communicator = communicator
    self.backend = backend
    self.timeline = timeline
    self.transport = transport
    grid = memory.grid
    counters = memory.progressCounters()
    squares = Array(repeating: 0, count: blocks.count)
    guard grid.isDivisible else {
      partition = nil
      owned = Array(blocks.indices)
      owners = nil
      return
    }
    let partition = ShardPartition(
      blocks, count: buffers.own.count, bucketFloats: bucketFloats, grid: grid)
    var owners = Array(repeating: 0, count: blocks.count)
    for rank in 0..<communicator.size {
      for block in partition.blocks(of: rank) { owners[block] = rank }
    }
    self.partition = partition
    owned = partition.blocks(of: communicator.rank)
    self.owners = owners
  }

  public func owns(_ block: Int) -> Bool { isOwner(communicator.rank, of: block) }

  public func isOwner(_ rank: Int, of block: Int) -> Bool { owners.map { $0[block] == rank } ?? true }

  /// Says that this rank's buffer is final before `offset`, and sums what all have finished.
  public func markReady(upTo offset: Int) {
    readyOffset = offset
    if !counters.isEmpty {
      capstan_publish(counters[buffers.localRank], UInt64(pass * buffers.own.count + readyOffset))
    }
    while progress() {}
  }

  /// Returns when the sums of all blocks that this rank owns are in its buffer.
  public func finish() {
    guard let partition else {
      timeline.measure(.reduction) {
        communicator.treeAllReduce(buffers.own, on: backend)
        updateSquaredNorms(of: owned)
      }
      return
    }
    markReady(upTo: buffers.own.count)
    while begun < partition.buckets.count || !exchanges.isEmpty {
      if !progress() {
        timeline.measure(.waiting) {
          let operation = "the sum of gradients, bucket \(min(begun + 1, partition.buckets.count)) of "
          communicator.wait(for: operation + "\(partition.buckets.count)") { progress() }
        }
      }
    }
    pass += 1
    (readyOffset, begun) = (0, 0)
  }

  /// Counts blocks anew whose sums have been changed from outside.
  public func updateSquaredNorms(of changed: [Int]) {
    squares.withUnsafeMutableBufferPointer { squares in
      nonisolated(unsafe) let squares = squares
      backend.pool.parallel(changed.count) { task in updateSquaredNorms(of: changed[task], into: squares) }
    }
  }

  /// The Euclidean norm of the sums, the same on all ranks: the blocks' sums of squares are added in a fixed tree.
  public func norm() -> Double {
    guard let partition else { return squares.treeSum().squareRoot() }
    let gathered = communicator.allGather(owned.map { squares[$0] })
    for (rank, values) in gathered.enumerated() {
      for (block, value) in zip(partition.blocks(of: rank), values) { squares[block] = value }
    }
    return squares.treeSum().squareRoot()
  }

  /// After ``norm()``: the blocks in whose sums there is an element that is not finite, the same on all ranks.
  public var nonFiniteBlocks: [Int] { squares.indices.filter { !squares[$0].isFinite } }

  /// Whether what ranks own must be sent to other nodes.
  public var exchangesBlocks: Bool { partition != nil && grid.nodes > 1 }

  /// Updates the blocks that this rank owns, sends them to the other nodes and takes theirs: to be called by all ranks,
  /// before ``updateBarrier()``. Blocks travel while later ones are updated.
  /// - Parameters:
  ///   - precisions: in which the values of each block travel; nil: all in float32. In bfloat16 other nodes get them
  ///     rounded.
  ///   - update: given blocks of this rank.
  ///   - arrived: called for each block that has come from another node, from any thread.
  public func updateAndAllGather(
    of values: Matrix, as precisions: [Precision]? = nil, updating update: ([Int]) -> Void = { _ in },
    arrived: (Int) -> Void = { _ in }
  ) {
    guard let partition, exchangesBlocks else { return update(owned) }
    let precisions = precisions ?? Array(repeating: .float32, count: blocks.count)
    let piece = partition.piece(of: communicator.rank)
    var exchange = WeightAllGather(values, blocks, precisions, partition, communicator, on: backend)
    func wait(until limit: Int) {
      while exchange.takeNext(arrived) {}
      while exchange.messagesUnderWay > limit {
        timeline.measure(.waiting) {
          communicator.wait(for: "the exchange of updated weights") { exchange.hasArrival() }
        }
        exchange.takeNext(arrived)
      }
    }
    for (index, bucket) in partition.buckets.enumerated() {
      update(Array(bucket.blocks(of: piece)))
      exchange.start(index)
      // Four buckets keep a network busy; more would only take memory.
      wait(until: 4 * (grid.nodes - 1))
    }
    wait(until: 0)
  }

  /// Returns when all ranks of the node have updated what they share.
  public func updateBarrier() {
    if grid.ranksPerNode > 1 { communicator.nodeBarrier("the update of what the node shares") }
  }

  /// Brings a buffer of which every rank keeps only what it owns together on rank 0: to be called by all ranks.
  /// - Parameter copy: as long as the buffer; on rank 0 only.
  public func gather(_ buffer: Matrix, into copy: Matrix?) {
    guard let partition else {
      copy?.pointer.update(from: buffer.pointer, count: buffer.count)
      return
    }
    var copied: [Range<Int>] = []
    for owner in 0..<communicator.size {
      let piece = partition.piece(of: owner)
      for bucket in partition.buckets {
        let range = bucket.range(of: piece)
        if grid.node(of: owner) == 0 {
          copied.append(range)
        } else if let copy {
          communicator.receive(copy.pointer + range.lowerBound, count: range.count, from: owner)
        } else if owner == communicator.rank {
          communicator.send(buffer.pointer + range.lowerBound, count: range.count, to: 0)
        }
      }
    }
    guard let copy else { return }
    backend.pool.parallel(copied.count) { task in
      let range = copied[task]
      (copy.pointer + range.lowerBound).update(from: buffer.pointer + range.lowerBound, count: range.count)
    }
  }

  /// Does the next thing that needs nobody any more.
  /// - Returns: whether there was one.
  private func progress() -> Bool {
    guard let partition else { return false }
    if begun < partition.buckets.count, isReady(partition.buckets[begun]) {
      timeline.measure(.reduction) { begin(begun, of: partition) }
      begun += 1
      return true
    }
    for index in exchanges.indices where communicator.isComplete(&exchanges[index].transfer) {
      timeline.measure(.reduction) { continueExchange(exchanges.remove(at: index), of: partition) }
      return true
    }
    return false
  }

  private func isReady(_ bucket: ShardPartition.Bucket) -> Bool {
    if counters.isEmpty { return readyOffset >= bucket.end }
    let needed = UInt64(pass * buffers.own.count + bucket.end)
    return counters.allSatisfy { capstan_published($0) >= needed }
  }

  /// Adds the buffers of the node's ranks where this rank's share is.
  private func begin(_ index: Int, of partition: ShardPartition) {
    let share = partition.buckets[index].blocks(of: partition.nodeShard(of: communicator.rank))
    let isWhole = grid.nodes == 1
    squares.withUnsafeMutableBufferPointer { squares in
      nonisolated(unsafe) let squares = squares
      backend.pool.parallel(share.count) { task in
        let block = share.lowerBound + task
        buffers.sum(blocks[block], on: backend)
        // While the sums are in the core's cache.
        if isWhole { updateSquaredNorms(of: block, into: squares) }
      }
    }
    if !isWhole { startExchange(index, round: 0, of: partition) }
  }

  private func startExchange(_ index: Int, round: Int, of partition: ShardPartition) {
    let bucket = partition.buckets[index]
    let halving = partition.halvings(of: communicator.rank)[round]
    let (kept, given) = (bucket.range(of: halving.kept), bucket.range(of: halving.given))
    let sent = backend.message(of: given, of: buffers.own, as: transport)
    let received = backend.matrix(1, transport.words(of: kept.count))
    let transfer = communicator.startExchange(
      send: sent.pointer, count: sent.count, receive: received.pointer, count: received.count,
      with: halving.partner, tag: index)
    exchanges.append(
      BucketExchange(bucket: index, round: round, transfer: transfer, sent: sent, received: received))
  }

  private func continueExchange(_ exchange: BucketExchange, of partition: ShardPartition) {
    let bucket = partition.buckets[exchange.bucket]
    let halvings = partition.halvings(of: communicator.rank)
    let kept = halvings[exchange.round].kept
    backend.add(exchange.received, to: bucket.range(of: kept), of: buffers.own, as: transport)
    if exchange.round + 1 < halvings.count {
      startExchange(exchange.bucket, round: exchange.round + 1, of: partition)
    } else {
      updateSquaredNorms(of: Array(bucket.blocks(of: kept)))
    }
  }

  private func updateSquaredNorms(of block: Int, into squares: UnsafeMutableBufferPointer<Double>) {
    let range = blocks[block]
    squares[block] = backend.kernels.sum_of_squares(buffers.own.pointer + range.lowerBound, range.count)
  }
}
