import Tensors

/// What one use of a parameter adds to its gradient, lane by lane, where that is a sum over rows, as of a bias.
struct LaneSums {
  /// [lanes, at least columns.upperBound]
  let sums: Matrix
  /// Those of this parameter, from its first element on: an operation may sum for several at a time. Elements behind
  /// them get nothing.
  let columns: Range<Int>

  func row(_ lane: Int) -> UnsafePointer<Float> { UnsafePointer(sums.row(lane) + columns.lowerBound) }
}

extension Backend {
  /// What `fill` writes for each lane (all `count` floats of it), [lanes, count].
  func laneSums(
    _ lanes: Int, count: Int, _ fill: (_ lane: Int, _ floats: UnsafeMutablePointer<Float>) -> Void
  ) -> Matrix {
    let sums = matrix(lanes, count)
    pool.parallel(lanes) { fill($0, sums.row($0)) }
    return sums
  }

  /// Writes the whole gradient: uses added in order within a lane, then lanes in the fixed tree.
  func reduceLanes(_ uses: [LaneSums], into gradient: Matrix) {
    let count = uses.map(\.columns.count).max() ?? 0
    var total = TreeReducer(count: count, on: self)
    for lane in 0..<(uses.first?.sums.rows ?? 0) {
      total.add { floats in
        var isFirst = true
        for use in uses {
          let used = use.columns.count
          if isFirst {
            floats.update(from: use.row(lane), count: used)
            (floats + used).update(repeating: 0, count: count - used)
          } else {
            kernels.add(floats, floats, use.row(lane), used)
          }
          isFirst = false
        }
      }
    }
    withExtendedLifetime(total.total()) { gradient.pointer.update(from: $0.pointer, count: count) }
    (gradient.pointer + count).update(repeating: 0, count: gradient.count - count)
  }
}
