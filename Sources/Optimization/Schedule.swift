import Foundation

/// How the learning rate moves over a run: a linear warm-up, then a shape.
public struct Schedule: Sendable {
  public enum Shape: String, Sendable, CaseIterable {
    case constant
    /// Straight down to zero at the last step.
    case linear
    /// Half a cosine down to zero at the last step (Loshchilov and Hutter 2017, without restarts).
    case cosine
    /// With the inverse root of the step, from the top that the warm-up reaches (Vaswani et al. 2017, section 5.3): the
    /// factor that Noam Shazeer's rule width^-½ · min(step^-½, step · warmup^-3/2) has of its own top, (width · warmup)^-½.
    case noam
    /// Level, but lowered where validations no longer improve; see ``PlateauState``.
    case plateau
  }

  public var shape: Shape
  public var warmupSteps: Int
  public var totalSteps: Int
  /// Whether warm-up starts from a rate of zero, as Hugging Face's schedules do, so that the first step moves nothing.
  public var startsAtZero: Bool
  /// Below which the factor does not fall behind the warm-up; linear and cosine end there.
  public var minimum: Double
  /// What ``Shape/plateau`` multiplies by at each reduction.
  public var plateauFactor: Double

  public init(
    shape: Shape, warmupSteps: Int, totalSteps: Int, startsAtZero: Bool, minimum: Double = 0,
    plateauFactor: Double = 0.1
  ) {
    self.shape = shape
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
    self.startsAtZero = startsAtZero
    self.minimum = minimum
    self.plateauFactor = plateauFactor
  }

  /// What the learning rate is multiplied by at a step, counted from 0.
  /// - Parameter reductions: how often a plateau has lowered the rate so far.
  public func factor(at step: Int, reductions: Int = 0) -> Double {
    let warm = Double(startsAtZero ? step : step + 1)
    if warm < Double(warmupSteps) { return warm / Double(warmupSteps) }
    let progress =
      totalSteps > warmupSteps ? Double(step - warmupSteps) / Double(totalSteps - warmupSteps) : 1
    switch shape {
    case .constant: return 1
    case .linear: return above(max(0, min(1, 1 - progress)))
    case .cosine: return above(0.5 * (1 + cos(.pi * max(0, min(1, progress)))))
    case .noam: return max(minimum, (Double(warmupSteps) / warm).squareRoot())
    case .plateau: return max(minimum, (0..<reductions).reduce(1) { factor, _ in factor * plateauFactor })
    }
  }

  /// The way from 1 to 0, shortened so that it ends at the minimum.
  private func above(_ factor: Double) -> Double {
    minimum + (1 - minimum) * factor
  }
}
