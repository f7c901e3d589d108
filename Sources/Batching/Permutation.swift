import CKernels

/// A random order of some things, of which any place can be asked for: a Feistel network of four rounds over the next
/// power of four, walked until it lands inside (Black and Rogaway 2002, section 4).
struct Permutation: Sendable {
  let count: Int
  /// Half the bits of the smallest even-sized power of two that holds all things: at most 32.
  private let halfBits: UInt32

  /// Which of the many orders it is.
  struct Key {
    let seed: UInt64
    let epoch: UInt32
    /// For orders of several things in one epoch.
    var stream: UInt32 = 0
  }

  init(count: Int) {
    self.count = count
    halfBits = UInt32((Int.bitWidth - (count - 1).leadingZeroBitCount + 1) / 2)
  }

  /// The thing at a place.
  func image(of place: Int, _ key: Key) -> Int {
    var value = UInt64(place)
    repeat { value = permute(value, key) } while value >= UInt64(count)
    return Int(value)
  }

  private func permute(_ value: UInt64, _ key: Key) -> UInt64 {
    let mask = (UInt64(1) << halfBits) - 1
    var (left, right) = (value >> halfBits, value & mask)
    for round in 0..<UInt32(4) {
      let counter = capstan_philox_block(
        word: (UInt32(truncatingIfNeeded: right), key.stream, key.epoch, round))
      let word = capstan_philox(key.seed, counter).word
      let scrambled = UInt64(word.1) << 32 | UInt64(word.0)
      (left, right) = (right, left ^ (scrambled & mask))
    }
    return left << halfBits | right
  }
}
