import Support

/// The bits of a step: enough to tell whether another run of it was the same.
struct StepTrace {
  let step: Int
  let loss: Double
  let norm: Double
  /// Of each update block's weights and moments after the step.
  let blocks: [Fingerprint]

  /// What differs at the first step that differs, for people; nil where two runs are the same.
  /// - Parameter names: each block's parameter.
  static func difference(between first: [StepTrace], and second: [StepTrace], names: [String]) -> String? {
    for (a, b) in zip(first, second) {
      var found: [String] = []
      if !isSame(a.loss, b.loss) { found.append("the loss (\(a.loss) and \(b.loss))") }
      if !isSame(a.norm, b.norm) { found.append("the gradient's norm (\(a.norm) and \(b.norm))") }
      let changed = zip(names, zip(a.blocks, b.blocks)).filter { $1.0 != $1.1 }.map(\.0)
      if let name = changed.first {
        found.append("\(Set(changed).count) of \(Set(names).count) parameters, the first being \(name)")
      }
      if !found.isEmpty { return "at step \(a.step) there differ " + found.joined(separator: "; ") }
    }
    return nil
  }

  /// All that is not a number is one.
  private static func isSame(_ a: Double, _ b: Double) -> Bool {
    a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
  }
}
