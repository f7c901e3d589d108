/// Which rank sums and updates which blocks of a buffer.
///
/// Consecutive blocks form buckets, and each bucket is cut into one piece for every rank, so that all ranks have
/// something to do as soon as the first bucket is ready. The pieces of the ranks with one local rank lie beside
/// each other: a node's rank sums that share over the node, and halves it with the other nodes' until it has its own
/// piece.
struct ShardPartition {
  /// Consecutive blocks, cut.
  struct Bucket {
    /// Blocks at which pieces begin, and behind the last where the bucket ends.
    let firstBlocks: [Int]
    /// The same as offsets in the buffer.
    let offsets: [Int]

    /// The floats of consecutive pieces.
    func range(of pieces: Range<Int>) -> Range<Int> {
      offsets[pieces.lowerBound]..<offsets[pieces.upperBound]
    }
    func blocks(of pieces: Range<Int>) -> Range<Int> {
      firstBlocks[pieces.lowerBound]..<firstBlocks[pieces.upperBound]
    }
    var end: Int { offsets[offsets.count - 1] }
  }

  let grid: NodeTopology
  let buckets: [Bucket]

  /// - Parameters:
  ///   - blocks: ranges of the buffer, ascending.
  ///   - count: floats of the buffer.
  ///   - bucketFloats: of a bucket, about.
  init(_ blocks: [Range<Int>], count: Int, bucketFloats: Int, grid: NodeTopology) {
    self.grid = grid
    let pieces = grid.nodes * grid.ranksPerNode
    func offset(of block: Int) -> Int { block < blocks.count ? blocks[block].lowerBound : count }
    var buckets: [Bucket] = []
    var first = 0
    while first < blocks.count {
      let start = offset(of: first)
      let end = blocks[first...].firstIndex { $0.upperBound - start >= bucketFloats }.map { $0 + 1 }
      let last = end ?? blocks.count
      let length = offset(of: last) - start
      var firstBlocks = [first]
      for piece in 1...pieces {
        // A block belongs to the piece in which its middle lies.
        let limit = start + length * piece / pieces
        var cut = firstBlocks[piece - 1]
        while cut < last, piece == pieces || (blocks[cut].lowerBound + blocks[cut].upperBound) / 2 < limit {
          cut += 1
        }
        firstBlocks.append(cut)
      }
      buckets.append(Bucket(firstBlocks: firstBlocks, offsets: firstBlocks.map(offset(of:))))
      first = last
    }
    self.buckets = buckets
  }

  /// The pieces that the ranks with this rank's local rank have on all nodes.
  func nodeShard(of rank: Int) -> Range<Int> {
    let first = grid.localRank(of: rank) * grid.nodes
    return first..<first + grid.nodes
  }

  /// The rounds in which a share is halved until one piece is left: the partner at distance 1, 2, 4, … nodes takes the
  /// half that this rank gives.
  func halvings(of rank: Int) -> [(partner: Int, kept: Range<Int>, given: Range<Int>)] {
    var mine = nodeShard(of: rank)
    var rounds: [(partner: Int, kept: Range<Int>, given: Range<Int>)] = []
    var distance = 1
    while distance < grid.nodes {
      let middle = mine.lowerBound + mine.count / 2
      let (lower, upper) = (mine.lowerBound..<middle, middle..<mine.upperBound)
      let isLower = grid.node(of: rank) & distance == 0
      let partner = isLower ? rank + distance * grid.ranksPerNode : rank - distance * grid.ranksPerNode
      let (kept, given) = isLower ? (lower, upper) : (upper, lower)
      rounds.append((partner, kept, given))
      mine = kept
      distance *= 2
    }
    return rounds
  }

  /// The ranks with this rank's local rank on all other nodes.
  func peers(of rank: Int) -> [Int] {
    (0..<grid.nodes).map { $0 * grid.ranksPerNode + grid.localRank(of: rank) }.filter { $0 != rank }
  }

  /// The piece of every bucket that a rank updates.
  func piece(of rank: Int) -> Range<Int> { halvings(of: rank).last?.kept ?? nodeShard(of: rank) }

  /// The blocks that a rank updates, ascending.
  func blocks(of rank: Int) -> [Int] {
    let piece = piece(of: rank)
    return buckets.flatMap { $0.blocks(of: piece) }
  }
}
