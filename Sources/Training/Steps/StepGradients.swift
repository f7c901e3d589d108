import Autograd
import Runs
import Support

/// What the ranks know of a step before they update.
public struct StepGradients {
  /// Every lane's loss, of all ranks.
  public let losses: [Double]
  public let norm: Double
  /// The greatest of what the ranks are asked for.
  public let request: RunRequest
  /// By rank, what it did since the gradients before.
  let timings: [RankTimings]

  /// The mean over the tokens of the global batch.
  func loss(of step: StepPlan.Step) -> Double { losses.treeSum() / Double(max(1, step.tokens)) }
}
