import ConfigurationKeys
import Foundation
import Models
import Support

/// What can be written in a configuration, but is hardly meant. It is asked of starts alone: the configurations of runs
/// that are there are read as they are.
extension Configuration {
  /// - Throws: `Failure.usage` for keys that would serve nothing.
  public func requirePlausible() throws {
    try model.section.requirePlausible(startingFrom: model.initialModel)
    guard validation.patience == nil || !data.validation.files.isEmpty else {
      throw Failure.usage(
        "validation.patience is \(validation.patience ?? 0), but there are no data.validation.files, so the run could "
          + "never stop early; name some, or set it to null.")
    }
  }

  /// What a run of so many steps can be, but is hardly meant to be.
  public func warnings(totalSteps: Int) -> [String] {
    var sentences: [String] = []
    func warn(_ key: String, _ value: Int?, _ consequence: String) {
      guard let value, value > totalSteps else { return }
      sentences.append("\(key) is \(value), but the run has \(totalSteps) steps, so \(consequence).")
    }
    let reached = 100 * schedule.over(totalSteps).factor(at: totalSteps - 1)
    warn(
      "schedule.warmup_steps", schedule.warmupSteps,
      "the learning rate reaches only \(String(format: "%.2g", reached)) % of optimizer.learning_rate")
    if data.validation.files.isEmpty {
      if let steps = validation.everySteps {
        sentences.append(
          "validation.every_steps is \(steps), but there are no data.validation.files, so nothing is validated."
        )
      }
      warn("checkpoint.every_steps", checkpoint.everySteps, "nothing is kept of it before its end")
    } else {
      warn("validation.every_steps", validation.everySteps, "it is validated at its end alone")
    }
    let given = differences(from: Configuration()).map(\.key)
    for family in ModelFamilies.all where family.name != model.family {
      for key in given where family.paths.contains(where: key.hasPrefix) {
        sentences.append(
          "\(key) has no effect, for it is of the family \(family.name) and model.family is \(model.family).")
      }
    }
    return sentences
  }
}
