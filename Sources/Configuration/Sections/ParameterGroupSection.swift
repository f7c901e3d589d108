import Autograd
import ConfigurationKeys
import Foundation
import Optimization

/// Parameters that are trained otherwise than the others.
public struct ParameterGroupSection: ConfigurationSection {
  public var parameters: [String] = []
  public var trained = true
  public var rateFactor = 1.0
  public var weightDecay: Double?

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "parameters", \.parameters,
        "Names as checkpoints have them, with * for any characters: clip_project.*"),
      .init("trained", \.trained, "Whether they are trained at all; false: frozen."),
      .init("rate_factor", \.rateFactor, "What the learning rate is multiplied by for them."),
      .init("weight_decay", \.weightDecay, "In place of optimizer.weight_decay; null: that."),
    ]
  }

  public func names(_ parameter: Parameter) -> Bool {
    parameters.contains { fnmatch($0, parameter.name, 0) == 0 }
  }
}

extension OptimizerSection {
  /// The first group that names a parameter; nil where none does.
  public func groupSection(of parameter: Parameter) -> ParameterGroupSection? {
    groups.first { $0.names(parameter) }
  }

  /// How a parameter is updated.
  public func group(of parameter: Parameter) -> ParameterGroup {
    let section = groupSection(of: parameter)
    let decays = decayBiasesAndNorms || parameter.shape.count > 1
    return ParameterGroup(
      rateFactor: section?.rateFactor ?? 1, weightDecay: decays ? section?.weightDecay ?? weightDecay : 0)
  }
}
