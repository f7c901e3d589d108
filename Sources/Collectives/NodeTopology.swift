/// How the ranks of a job are spread over nodes that each have one memory: rank = node · ranksPerNode + local rank.
public struct NodeTopology: Equatable, Sendable {
  public let nodes: Int
  public let ranksPerNode: Int

  init(nodes: Int, ranksPerNode: Int) {
    self.nodes = nodes
    self.ranksPerNode = ranksPerNode
  }

  /// A grid in which the tree over ranks is one within each node and one over nodes; every rank a node of its own
  /// where there is none.
  /// - Parameter leaders: the first rank of its node, for every rank.
  init(leaders: [Int]) {
    let size = leaders.count
    let height = leaders.count { $0 == leaders[0] }
    let isEven = size % height == 0 && leaders.indices.allSatisfy { leaders[$0] == $0 / height * height }
    let nodes = size / height
    let isTree = nodes == 1 || nodes.isPowerOfTwo && height.isPowerOfTwo
    self = isEven && isTree ? NodeTopology(nodes: nodes, ranksPerNode: height) : .separate(size)
  }

  /// Every rank a node of its own.
  static func separate(_ ranks: Int) -> NodeTopology { NodeTopology(nodes: ranks, ranksPerNode: 1) }

  /// Whether sums can be divided among the ranks so that every element is added in the fixed tree.
  public var isDivisible: Bool { nodes.isPowerOfTwo }

  func node(of rank: Int) -> Int { rank / ranksPerNode }
  func localRank(of rank: Int) -> Int { rank % ranksPerNode }
}

extension Int {
  var isPowerOfTwo: Bool { self > 0 && self & (self - 1) == 0 }
}
