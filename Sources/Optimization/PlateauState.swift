/// Which validations have improved and how often the learning rate was lowered because they did not, as
/// `torch.optim.lr_scheduler.ReduceLROnPlateau` decides it with a threshold of 0.
public struct PlateauState: Codable, Equatable, Sendable {
  public private(set) var reductions = 0
  private var best: Double?
  /// Since the best, or since the last reduction.
  private var validationsSinceBest = 0

  public init() {}

  /// Takes what a validation came to.
  /// - Parameters:
  ///   - score: less is better.
  ///   - patience: validations without a new best that lower nothing yet.
  public mutating func add(_ score: Double, patience: Int) {
    if score < best ?? .infinity {
      best = score
      validationsSinceBest = 0
      return
    }
    validationsSinceBest += 1
    guard validationsSinceBest > patience else { return }
    validationsSinceBest = 0
    reductions += 1
  }
}
