import Tensors
import Testing

@testable import Collectives

@Suite struct ShardPartitionTests {
  /// Blocks of 100 and 20 floats in turn, each from a multiple of 16 on.
  private static func blocks(_ count: Int) -> (ranges: [Range<Int>], buffer: Int) {
    var end = 0
    let ranges = (0..<count).map { index in
      let start = end
      end += index % 2 == 0 ? 112 : 32
      return start..<start + (index % 2 == 0 ? 100 : 20)
    }
    return (ranges, end)
  }

  @Test(arguments: [(1, 1), (1, 3), (1, 8), (2, 1), (4, 2), (2, 4), (8, 1)], [1, 5, 64, 301])
  func everyBlockHasOneOwner(grid: (nodes: Int, ranksPerNode: Int), count: Int) {
    let (blocks, buffer) = Self.blocks(count)
    let grid = NodeTopology(nodes: grid.nodes, ranksPerNode: grid.ranksPerNode)
    let partition = ShardPartition(blocks, count: buffer, bucketFloats: 3000, grid: grid)
    let ranks = 0..<grid.nodes * grid.ranksPerNode
    #expect(ranks.flatMap(partition.blocks).sorted() == Array(blocks.indices))
    // Buckets cover the buffer, and the pieces of a bucket are alike.
    #expect(partition.buckets.first?.offsets.first == 0 && partition.buckets.last?.end == buffer)
    for (bucket, next) in zip(partition.buckets, partition.buckets.dropFirst()) {
      #expect(bucket.end == next.offsets[0] && bucket.end - bucket.offsets[0] >= 2950)
      let lengths = ranks.map { bucket.range(of: partition.piece(of: $0)).count }
      #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 2 * 112)
    }
  }

  /// In each round partners keep what the other gives.
  @Test(arguments: [(2, 1), (4, 2), (8, 4), (16, 1)])
  func halvingsMeet(nodes: Int, ranksPerNode: Int) {
    let (blocks, buffer) = Self.blocks(50)
    let grid = NodeTopology(nodes: nodes, ranksPerNode: ranksPerNode)
    let partition = ShardPartition(blocks, count: buffer, bucketFloats: 3000, grid: grid)
    for rank in 0..<nodes * ranksPerNode {
      for (round, halving) in partition.halvings(of: rank).enumerated() {
        let partner = partition.halvings(of: halving.partner)[round]
        #expect(grid.node(of: halving.partner) == grid.node(of: rank) ^ (1 << round))
        #expect(grid.localRank(of: halving.partner) == grid.localRank(of: rank))
        #expect(partner.partner == rank && partner.kept == halving.given && partner.given == halving.kept)
      }
    }
  }

  /// What a node sends to another comes from one rank and goes to one.
  @Test func peersStandAtOnePlace() {
    let partition = ShardPartition(
      [0..<9], count: 9, bucketFloats: 9, grid: NodeTopology(nodes: 4, ranksPerNode: 2))
    #expect(partition.peers(of: 3) == [1, 5, 7])
    #expect(partition.peers(of: 0) == [2, 4, 6])
  }

  @Test(arguments: [
    ([0, 0, 0], 1, 3), ([0, 0, 2, 2], 2, 2), ([0, 1, 2, 3], 4, 1), ([0, 0, 0, 0, 4, 4, 4, 4], 2, 4),
    // Not all alike, not one after the other, or no tree: every rank for itself.
    ([0, 0, 2], 3, 1), ([0, 1, 0, 1], 4, 1), ([0, 0, 2, 2, 4, 4], 6, 1), ([0, 0, 0, 3, 3, 3], 6, 1),
  ])
  func gridOfNodes(leaders: [Int], nodes: Int, ranksPerNode: Int) {
    #expect(NodeTopology(leaders: leaders) == NodeTopology(nodes: nodes, ranksPerNode: ranksPerNode))
  }
}

@Suite struct PerRankBuffersTests {
  /// Sums of any number of buffers are the tree's, also where a buffer is one of its own addends.
  @Test(arguments: 1...9) func sumsAreTheTrees(ranks: Int) throws {
    let backend = try Backend(threads: 1)
    let count = 37
    for localRank in 0..<ranks {
      let buffers = PerRankBuffers(
        all: (0..<ranks).map { _ in backend.matrix(1, count) }, localRank: localRank)
      for (rank, buffer) in buffers.all.enumerated() {
        for element in 0..<count {
          buffer.pointer[element] = Float(1 + rank * 7 % 5) * Float.pi / Float(1 + element * element * rank)
        }
      }
      var sum = TreeReducer(count: count, on: backend)
      for buffer in buffers.all { sum.add { $0.update(from: buffer.pointer, count: count) } }
      let before = buffers.own.elements
      buffers.sum(3..<30, on: backend)
      #expect(Array(buffers.own.elements[3..<30]) == Array(sum.total().elements[3..<30]))
      #expect(buffers.own.elements.prefix(3) == before.prefix(3))
      #expect(buffers.own.elements.suffix(7) == before.suffix(7))
    }
  }
}
