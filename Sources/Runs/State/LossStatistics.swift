/// A running mean and variance of the loss: of all steps so far, and from the window's length on with weights that
/// fall off exponentially, so that three numbers are all there is to remember (West 1979).
public struct LossStatistics: Codable, Equatable, Sendable {
  public private(set) var count = 0
  public private(set) var mean = 0.0
  public private(set) var variance = 0.0

  public init() {}

  /// How many standard deviations a loss lies above the mean; nil before a whole window, and where all losses were
  /// the same.
  public func zScore(of loss: Double, window: Int) -> Double? {
    guard count >= window, variance > 0 else { return nil }
    return (loss - mean) / variance.squareRoot()
  }

  /// - Parameter loss: finite.
  public mutating func add(_ loss: Double, window: Int) {
    count = min(count + 1, window)
    let weight = 1 / Double(count)
    let difference = loss - mean
    mean += weight * difference
    variance = (1 - weight) * (variance + weight * difference * difference)
  }
}
