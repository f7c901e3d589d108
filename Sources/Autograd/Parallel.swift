import Tensors

extension Backend {
  /// The sum over lanes, in the fixed tree, of what `partial` writes for each (all `count` floats of it).
  func reduceLanes(
    _ lanes: Int, count: Int, into sum: UnsafeMutablePointer<Float>,
    _ partial: (_ lane: Int, _ floats: UnsafeMutablePointer<Float>) -> Void
  ) {
    let partials = matrix(lanes, count)
    pool.parallel(lanes) { partial($0, partials.row($0)) }
    var total = TreeReducer(count: count, on: self)
    for lane in 0..<lanes { total.add { $0.update(from: partials.row(lane), count: count) } }
    withExtendedLifetime(total.total()) { sum.update(from: $0.pointer, count: count) }
  }
}
