import Autograd
import Tensors

extension ParameterArena {
  /// The Euclidean norm of all gradients. Blocks are added in a fixed tree, so that it does not depend on ranks or
  /// threads. Not finite when any gradient is not.
  public func gradientNorm(on backend: Backend) -> Double {
    var sums = [Double](repeating: 0, count: blocks.count)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      backend.pool.parallel(blocks.count) { index in
        let range = blocks[index].range
        sums[index] = backend.kernels.sum_of_squares(gradients.pointer + range.lowerBound, range.count)
      }
    }
    return sums.treeSum().squareRoot()
  }
}

/// What gradients are multiplied by so that their norm does not exceed a limit, as `torch.nn.utils.clip_grad_norm_`
/// has it (Pascanu et al. 2013, section 3.2).
public func clippingScale(norm: Double, limit: Double?) -> Double {
  guard let limit else { return 1 }
  return min(1, limit / (norm + 1e-6))
}
