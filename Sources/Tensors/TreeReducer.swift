/// Adds the lanes of a batch in the fixed balanced binary tree on which every sum over the batch rests:
/// ((0+1)+(2+3))+((4+5)+(6+7)). A rank that hosts 4 of 8 lanes computes one subtree; the collective adds those.
///
/// Partial sums wait on a stack like the carries of a binary counter, so 8 lanes need 4 buffers, not 8.
public struct TreeReducer {
  private let backend: Backend
  private let count: Int
  private var waiting: [(lanes: Int, sum: Matrix)] = []

  /// Partial sums that there are at a time, at most: those that wait, and the contribution that is filled.
  public static func mostSums(ofLanes lanes: Int) -> Int { Int.bitWidth - lanes.leadingZeroBitCount }

  /// - Parameter count: floats in every lane's contribution.
  public init(count: Int, on backend: Backend) {
    self.backend = backend
    self.count = count
  }

  /// Adds the next lane's contribution, which `fill` writes (all of it).
  public mutating func add(_ fill: (UnsafeMutablePointer<Float>) -> Void) {
    var sum = backend.matrix(1, count)
    withExtendedLifetime(sum) { fill($0.pointer) }
    var lanes = 1
    while let last = waiting.last, last.lanes == lanes {
      waiting.removeLast()
      add(sum, to: last.sum)
      sum = last.sum
      lanes *= 2
    }
    waiting.append((lanes, sum))
  }

  /// The sum of all lanes; where their number is no power of two, the smaller subtrees come last. Zeros for none.
  public mutating func total() -> Matrix {
    guard var sum = waiting.popLast()?.sum else { return backend.zeros(1, count) }
    while let larger = waiting.popLast()?.sum {
      add(sum, to: larger)
      sum = larger
    }
    return sum
  }

  private func add(_ addend: Matrix, to sum: Matrix) {
    backend.kernels.add(sum.pointer, sum.pointer, addend.pointer, count)
  }
}

extension Collection where Index == Int {
  /// The sum of doubles in the same tree.
  public func treeSum() -> Double where Element == Double {
    switch count {
    case 0: return 0
    case 1: return self[startIndex]
    default:
      let half = count.leftCount
      return self[startIndex..<startIndex + half].treeSum() + self[(startIndex + half)...].treeSum()
    }
  }
}
