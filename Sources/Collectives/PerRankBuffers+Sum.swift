import Tensors

extension PerRankBuffers {
  /// Replaces a range of this rank's buffer by the sum of all buffers there, in the balanced tree over ranks; on the calling
  /// thread.
  func sum(_ range: Range<Int>, on backend: Backend) {
    guard all.count > 1 else { return }
    let levels = Int.bitWidth - (all.count - 1).leadingZeroBitCount
    backend.withScratch(2 * levels * range.count) { scratch in
      _ = add(
        all[...], range, into: own.pointer + range.lowerBound, scratch: scratch, backend.kernels.add)
    }
  }

  /// - Parameters:
  ///   - target: where the sum goes, unless there is but one buffer.
  ///   - scratch: two ranges for every level of the tree: its own buffer is read before it is written to.
  /// - Returns: where the sum is.
  private func add(
    _ buffers: ArraySlice<Matrix>, _ range: Range<Int>, into target: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>,
    _ addition: (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Void
  ) -> UnsafeMutablePointer<Float> {
    if buffers.count == 1 { return buffers[buffers.startIndex].pointer + range.lowerBound }
    let half = buffers.count.leftCount
    let rest = scratch + 2 * range.count
    let left = add(buffers.prefix(half), range, into: scratch, scratch: rest, addition)
    let right = add(
      buffers.dropFirst(half), range, into: scratch + range.count, scratch: rest, addition)
    addition(target, left, right, range.count)
    return target
  }
}
