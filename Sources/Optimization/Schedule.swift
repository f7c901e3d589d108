import Foundation

/// How the learning rate moves over a run: a linear warm-up, then a shape.
public struct Schedule: Sendable {
  public enum Shape: String, Sendable, CaseIterable {
    case constant
    /// Straight down to zero at the last step.
    case linear
    /// Half a cosine down to zero at the last step (Loshchilov and Hutter 2017, without restarts).
    case cosine
  }

  public var shape: Shape
  public var warmupSteps: Int
  public var totalSteps: Int
  /// Whether warm-up starts from a rate of zero, as Hugging Face's schedules do, so that the first step moves nothing.
  public var startsAtZero: Bool

  public init(shape: Shape, warmupSteps: Int, totalSteps: Int, startsAtZero: Bool) {
    self.shape = shape
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
    self.startsAtZero = startsAtZero
  }

  /// What the learning rate is multiplied by at a step, counted from 0.
  public func factor(at step: Int) -> Double {
    let warm = Double(startsAtZero ? step : step + 1)
    if warm < Double(warmupSteps) { return warm / Double(warmupSteps) }
    let progress =
      totalSteps > warmupSteps ? Double(step - warmupSteps) / Double(totalSteps - warmupSteps) : 1
    switch shape {
    case .constant: return 1
    case .linear: return max(0, min(1, 1 - progress))
    case .cosine: return 0.5 * (1 + cos(.pi * max(0, min(1, progress))))
    }
  }
}
