import CKernels

/// The order in which samples are seen: a permutation for every epoch that is a pure function of (seed, epoch,
/// position), so that any rank can ask for any place and a resumed run goes on where it was.
public struct Sampler: Sendable {
  public let count: Int
  private let seed: UInt64
  /// Half the bits of the smallest even-sized power of two that holds all samples.
  private let halfBits: UInt32

  public init(count: Int, seed: UInt64) {
    precondition(count > 0, "a sampler has something to sample")
    self.count = count
    self.seed = seed
    halfBits = UInt32((Int.bitWidth - (count - 1).leadingZeroBitCount + 1) / 2)
  }

  /// The sample at a position of an epoch: a Feistel network of four rounds over the next power of four, walked until
  /// it lands inside (Black and Rogaway 2002, section 4).
  public func sample(epoch: Int, position: Int) -> Int {
    var value = UInt64(position)
    repeat { value = permute(value, epoch: UInt32(epoch)) } while value >= UInt64(count)
    return Int(value)
  }

  private func permute(_ value: UInt64, epoch: UInt32) -> UInt64 {
    let mask = (UInt64(1) << halfBits) - 1
    var (left, right) = (value >> halfBits, value & mask)
    for round in 0..<UInt32(4) {
      let counter = capstan_philox_block(
        word: (UInt32(truncatingIfNeeded: right), UInt32(truncatingIfNeeded: right >> 32), epoch, round))
      let word = capstan_philox(seed, counter).word
      let scrambled = UInt64(word.1) << 32 | UInt64(word.0)
      (left, right) = (right, left ^ (scrambled & mask))
    }
    return left << halfBits | right
  }
}
