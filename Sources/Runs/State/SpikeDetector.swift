import Configuration

/// What a run remembers of its numbers, so that it judges the next step as if it had never stopped.
public struct SpikeDetector: Codable, Equatable, Sendable {
  /// Steps that changed nothing.
  public private(set) var skipped = 0
  /// The last steps, one after the other, that were not finite.
  public private(set) var nonFiniteInARow = 0
  public private(set) var losses = LossStatistics()

  public init() {}

  /// Judges a step before its update, and remembers it. It is the same on all ranks, for the numbers are.
  ///
  /// A spike counts in the statistics too: where the loss stays high, it is soon what is usual.
  public mutating func evaluate(loss: Double, norm: Double, by section: NumericsSection) -> StepDecision {
    guard Self.isUsable(loss: loss, norm: norm) else {
      nonFiniteInARow += 1
      skipped += 1
      return .nonFinite(endsRun: nonFiniteInARow > section.skipLimit)
    }
    nonFiniteInARow = 0
    let zScore = losses.zScore(of: loss, window: section.spikeWindow)
    losses.add(loss, window: section.spikeWindow)
    guard let zScore, let threshold = section.spikeThreshold, zScore > threshold else {
      return .usual(zScore: zScore)
    }
    if section.spikeAction == .skip { skipped += 1 }
    return .spike(zScore: zScore, isSkipped: section.spikeAction == .skip)
  }

  /// Whether an update can be made of a gradient: AdamW's second moment holds its square in float32, and infinity would
  /// stay there forever.
  static func isUsable(loss: Double, norm: Double) -> Bool { loss.isFinite && Float(norm * norm).isFinite }
}

/// What is to become of a step.
public enum StepDecision: Equatable {
  /// - Parameter zScore: of the loss; nil at the beginning of a run.
  case usual(zScore: Double?)
  case spike(zScore: Double, isSkipped: Bool)
  case nonFinite(endsRun: Bool)

  public var updates: Bool {
    switch self {
    case .usual: true
    case .spike(_, let isSkipped): !isSkipped
    case .nonFinite: false
    }
  }

  public var zScore: Double? {
    switch self {
    case .usual(let zScore): zScore
    case .spike(let zScore, _): zScore
    case .nonFinite: nil
    }
  }
}
