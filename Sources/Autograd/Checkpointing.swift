import Tensors

extension Tape {
  /// Runs a part of the model, such as a transformer block. With ``checkpointsActivations`` nothing but its input is
  /// kept for backward, which runs it again when it gets there (Chen et al. 2016, “Training deep nets with sublinear
  /// memory cost”): the same bits for one more forward.
  ///
  /// The steps that the second run records are the next that backward takes, so everything happens in the same order
  /// as without.
  ///
  /// - Parameter part: makes its output from `x`, the same each time; a loss has no place in it.
  public func checkpointed(_ x: Variable, _ part: @escaping (Variable) -> Variable) -> Variable {
    let (firstStep, firstSite) = (backwardSteps.count, dropoutSites)
    let output = part(x)
    guard checkpointsActivations, backwardSteps.count > firstStep else { return output }
    backwardSteps.removeLast(backwardSteps.count - firstStep)
    record(output) { [self] gradient in
      dropoutSites = firstSite
      repeating { part(x) }.addGradient(gradient, on: backend)
    }
    return output
  }
}
