import Foundation
import Support

/// How rotary positions are stretched for sequences longer than those of pretraining.
public enum RotaryScaling: Codable, Equatable, Sendable, CustomStringConvertible {
  /// Every frequency divided by a factor (Chen et al. 2023, section 2.3).
  case linear(factor: Double)
  /// Only low frequencies, with a transition between (Grattafiori et al. 2024, section 3.4.2; Hugging Face's `llama3`).
  case llama3(factor: Double, lowFrequency: Double, highFrequency: Double, originalLength: Int)

  func scaled(_ frequency: Double) -> Double {
    switch self {
    case .linear(let factor): return frequency / factor
    case .llama3(let factor, let low, let high, let length):
      let periods = Double(length) * frequency / (2 * .pi)
      let share = min(1, max(0, (periods - low) / (high - low)))
      return (1 - share) * frequency / factor + share * frequency
    }
  }

  public var description: String {
    switch self {
    case .linear(let factor): "linear scaling by \(factor)"
    case .llama3(let factor, let low, let high, let length):
      "llama3 scaling by \(factor) (\(low), \(high), \(length))"
    }
  }

  /// - Parameter source: of the numbers, for messages.
  /// - Throws: `Failure.badData` for numbers that scale nothing.
  public func validate(source: String) throws {
    let isPossible =
      switch self {
      case .linear(let factor): factor.isFinite && factor > 0
      case .llama3(let factor, let low, let high, let length):
        factor.isFinite && factor > 0 && low > 0 && high > low && high.isFinite && length > 0
      }
    guard isPossible else {
      throw Failure.badData(
        "\(source) has \(self), but factors must be positive and high_freq_factor greater than low_freq_factor; correct it."
      )
    }
  }
}
