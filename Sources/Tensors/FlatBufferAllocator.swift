/// Allocates the flat buffers of a training run: values, moments, gradients. A buffer starts as zeros.
public protocol FlatBufferAllocator: AnyObject {
  /// Says how many floats of buffers will be taken at most, before the first is: what has too little room may choose
  /// another place.
  /// - Parameters:
  ///   - shared: of buffers of which a node needs one.
  ///   - ranked: of buffers of which every rank needs one.
  func reserve(shared: Int, ranked: Int)

  /// A buffer of which a node needs only one. [1, count]
  func sharedBuffer(_ count: Int) -> Matrix

  /// A buffer for every rank of this node, each of which can read the others'.
  func perRankBuffers(_ count: Int) -> PerRankBuffers
}

/// Buffers of as many floats, one for each rank of a node. [1, count] each
public struct PerRankBuffers {
  public let all: [Matrix]
  /// This rank's local rank.
  public let localRank: Int

  public init(all: [Matrix], localRank: Int) {
    self.all = all
    self.localRank = localRank
  }

  public var own: Matrix { all[localRank] }
}

/// A process on its own takes its buffers from the pool.
extension MemoryPool: FlatBufferAllocator {
  public func reserve(shared: Int, ranked: Int) {}

  public func sharedBuffer(_ count: Int) -> Matrix {
    let buffer = Matrix(rows: 1, columns: count, in: self)
    if !isDry { buffer.fill(0) }
    return buffer
  }

  public func perRankBuffers(_ count: Int) -> PerRankBuffers {
    PerRankBuffers(all: [sharedBuffer(count)], localRank: 0)
  }
}
