/// Which rank sums and updates which blocks of a line.
///
/// Consecutive blocks form buckets, and each bucket is cut into one piece for every rank, so that all ranks have
/// something to do as soon as the first bucket is ready. The pieces of the ranks at one place of their nodes lie beside
/// each other: a node's rank sums that share over the node, and halves it with the other nodes' until it has its own
/// piece.
struct LinePartition {
  /// Consecutive blocks, cut.
  struct Bucket {
    /// Blocks at which pieces begin, and behind the last where the bucket ends.
    let cuts: [Int]
    /// The same as places in the line.
    let places: [Int]

    /// The floats of consecutive pieces.
    func range(of pieces: Range<Int>) -> Range<Int> { places[pieces.lowerBound]..<places[pieces.upperBound] }
    func blocks(of pieces: Range<Int>) -> Range<Int> { cuts[pieces.lowerBound]..<cuts[pieces.upperBound] }
    var end: Int { places[places.count - 1] }
  }

  let grid: RankGrid
  let buckets: [Bucket]

  /// - Parameters:
  ///   - blocks: ranges of the line, ascending.
  ///   - count: floats of the line.
  ///   - bucketFloats: of a bucket, about.
  init(_ blocks: [Range<Int>], count: Int, bucketFloats: Int, grid: RankGrid) {
    self.grid = grid
    let pieces = grid.nodes * grid.ranksPerNode
    func place(_ block: Int) -> Int { block < blocks.count ? blocks[block].lowerBound : count }
    var buckets: [Bucket] = []
    var first = 0
    while first < blocks.count {
      let start = place(first)
      let end = blocks[first...].firstIndex { $0.upperBound - start >= bucketFloats }.map { $0 + 1 }
      let last = end ?? blocks.count
      let length = place(last) - start
      var cuts = [first]
      for piece in 1...pieces {
        // A block belongs to the piece in which its middle lies.
        let limit = start + length * piece / pieces
        var cut = cuts[piece - 1]
        while cut < last, piece == pieces || (blocks[cut].lowerBound + blocks[cut].upperBound) / 2 < limit {
          cut += 1
        }
        cuts.append(cut)
      }
      buckets.append(Bucket(cuts: cuts, places: cuts.map(place)))
      first = last
    }
    self.buckets = buckets
  }

  /// The pieces that the ranks at this rank's place have in all nodes.
  func share(of rank: Int) -> Range<Int> {
    let first = grid.place(of: rank) * grid.nodes
    return first..<first + grid.nodes
  }

  /// The rounds in which a share is halved until one piece is left: the partner at distance 1, 2, 4, … nodes takes the
  /// half that this rank gives.
  func halvings(of rank: Int) -> [(partner: Int, kept: Range<Int>, given: Range<Int>)] {
    var mine = share(of: rank)
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

  /// The ranks at this rank's place of all other nodes.
  func peers(of rank: Int) -> [Int] {
    (0..<grid.nodes).map { $0 * grid.ranksPerNode + grid.place(of: rank) }.filter { $0 != rank }
  }

  /// The piece of every bucket that a rank updates.
  func piece(of rank: Int) -> Range<Int> { halvings(of: rank).last?.kept ?? share(of: rank) }

  /// The blocks that a rank updates, ascending.
  func blocks(of rank: Int) -> [Int] {
    let piece = piece(of: rank)
    return buckets.flatMap { $0.blocks(of: piece) }
  }
}
