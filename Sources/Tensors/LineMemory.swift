/// Where the long lines of a training run stand: values, moments, gradients. A line starts as zeros.
public protocol LineMemory: AnyObject {
  /// Says how many floats of lines will be taken at most, before the first is: what has too little room may choose
  /// another place.
  /// - Parameters:
  ///   - shared: of lines of which a node needs one.
  ///   - ranked: of lines of which every rank needs one.
  func reserve(shared: Int, ranked: Int)

  /// A line of which a node needs only one. [1, count]
  func sharedLine(_ count: Int) -> Matrix

  /// A line for every rank of this node, each of which can read the others'.
  func rankLines(_ count: Int) -> RankLines
}

/// Lines of as many floats, one for each rank of a node. [1, count] each
public struct RankLines {
  public let all: [Matrix]
  /// This rank's place among them.
  public let place: Int

  public init(all: [Matrix], place: Int) {
    self.all = all
    self.place = place
  }

  public var own: Matrix { all[place] }
}

/// A process on its own takes its lines from the pool.
extension MemoryPool: LineMemory {
  public func reserve(shared: Int, ranked: Int) {}

  public func sharedLine(_ count: Int) -> Matrix {
    let line = Matrix(rows: 1, columns: count, in: self)
    line.fill(0)
    return line
  }

  public func rankLines(_ count: Int) -> RankLines { RankLines(all: [sharedLine(count)], place: 0) }
}
