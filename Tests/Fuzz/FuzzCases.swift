import Foundation
import Fuzzing

/// The inputs of a reader under a seed: number `n` is always the same bytes.
struct FuzzCases {
  /// Larger files would slow down all that is read after them.
  private static let largest = 32 << 10

  private let corpus: [[UInt8]]
  private let seed: UInt64

  init(for reader: FuzzedReader, seed: UInt64) throws {
    corpus = try reader.corpus.map { try Array(Data(contentsOf: URL(fileURLWithPath: $0))) }
      .filter { !$0.isEmpty && $0.count <= Self.largest }
    self.seed = seed
  }

  func input(_ number: Int) -> [UInt8] {
    var random = Mutations(seed: seed, number: number)
    let original = corpus[random.next(below: corpus.count)]
    let donor = corpus[random.next(below: corpus.count)]
    let mutated = random.mutated(original, donor: donor)
    // Otherwise a checksum would nearly always end the reading of an archive at once.
    return random.next(below: 4) == 0 ? mutated : ArchiveRepair.withRightChecksums(mutated)
  }
}
