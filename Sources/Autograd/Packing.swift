import Support

/// How the rows of a matrix belong to sequences, and sequences to lanes.
///
/// A batch is packed: sequences of any length stand one under the other with nothing between them. Lanes are the
/// unit of determinism: consecutive sequences whose contribution to any sum is computed without looking at others.
public struct Packing: Sendable, Equatable {
  /// The first row of every sequence, and behind the last the number of rows.
  public let sequenceStarts: [Int]
  /// The first sequence of every lane, and behind the last the number of sequences.
  public let laneSequences: [Int]
  /// The place of every sequence in the global batch, which dropout draws by.
  public let samples: [UInt32]

  /// - Parameters:
  ///   - lengths: rows of every sequence.
  ///   - laneSizes: sequences of every lane; they add up to the number of sequences.
  ///   - firstSample: the place of the first sequence in the global batch.
  public init(lengths: [Int], laneSizes: [Int], firstSample: Int = 0) {
    precondition(laneSizes.reduce(0, +) == lengths.count, "lanes hold all sequences")
    sequenceStarts = lengths.prefixSums()
    laneSequences = laneSizes.prefixSums()
    samples = lengths.indices.map { UInt32(firstSample + $0) }
  }

  private init(sequenceStarts: [Int], laneSequences: [Int], samples: [UInt32]) {
    self.sequenceStarts = sequenceStarts
    self.laneSequences = laneSequences
    self.samples = samples
  }

  /// The same sequences and lanes with other lengths.
  public func with(lengths: [Int]) -> Packing {
    precondition(lengths.count == sequences, "one length a sequence")
    return Packing(sequenceStarts: lengths.prefixSums(), laneSequences: laneSequences, samples: samples)
  }

  /// The same sequences, all of one length.
  public func with(length: Int) -> Packing { with(lengths: Array(repeating: length, count: sequences)) }

  public var rows: Int { sequenceStarts[sequences] }
  public var sequences: Int { sequenceStarts.count - 1 }
  public var lanes: Int { laneSequences.count - 1 }

  public func rows(ofSequence index: Int) -> Range<Int> { sequenceStarts[index]..<sequenceStarts[index + 1] }

  public func rows(ofLane index: Int) -> Range<Int> {
    sequenceStarts[laneSequences[index]]..<sequenceStarts[laneSequences[index + 1]]
  }
}
