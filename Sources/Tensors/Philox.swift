import CKernels
import Foundation

/// A random number generator whose n-th draw is a pure function of (seed, stream, n): Philox4x32-10.
///
/// Streams of one seed are independent of each other, so every use (initialisation of one parameter, the shuffling
/// of one epoch, the sampling of one caption) takes a stream of its own and none depends on who drew before.
public struct Philox: RandomNumberGenerator, Sendable {
  private let seed: UInt64
  private let stream: UInt64
  private var position: UInt64 = 0
  private var spare: UInt64?

  public init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// A stream that is named by words, for example `("initialization", "wte.weight")`: FNV-1a of the words.
  public init(seed: UInt64, stream words: String...) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in words.joined(separator: "\u{0}").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    self.init(seed: seed, stream: hash)
  }

  public mutating func next() -> UInt64 {
    if let second = spare {
      spare = nil
      return second
    }
    let counter = (
      UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)
    )
    let block = capstan_philox(seed, capstan_philox_block(word: counter)).word
    position += 1
    spare = UInt64(block.3) << 32 | UInt64(block.2)
    return UInt64(block.1) << 32 | UInt64(block.0)
  }

  /// Uniform in [0, 1), 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Normal with mean 0 and deviation 1 (Box and Muller 1958), one value per two draws.
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}
