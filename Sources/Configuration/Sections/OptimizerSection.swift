import ConfigurationKeys
import Optimization

extension AdamW.Variant: ConfigurationChoice {}

public struct OptimizerSection: ConfigurationSection {
  public var convention = AdamW.Variant.pytorch
  public var learningRate = 2e-5
  public var beta1 = 0.9
  public var beta2 = 0.999
  public var epsilon = 1e-8
  public var weightDecay = 0.0
  public var decayBiasesAndNorms = true
  public var groups: [ParameterGroupSection] = []

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "convention", \.convention,
        "pytorch; huggingface for the AdamW that ClipCap used; or tensorflow for TensorFlow 1's Adam, without weight decay."
      ),
      .init("learning_rate", \.learningRate, "The peak learning rate."),
      .init("beta1", \.beta1, "AdamW's beta1, the decay of the first moment."),
      .init("beta2", \.beta2, "AdamW's beta2, the decay of the second moment."),
      .init(
        "epsilon", \.epsilon, "AdamW's epsilon, added to the root of the second moment; ClipCap had 1e-6."),
      .init("weight_decay", \.weightDecay, "Decay of all trained parameters, times the learning rate."),
      .init(
        "decay_biases_and_norms", \.decayBiasesAndNorms,
        "Whether weight decay includes vectors: biases, and the scales and shifts of norms."),
      .init(
        "groups", \.groups,
        "Parameters that are trained otherwise: a list of sections with parameters (names, with * for any characters), and "
          + "trained, rate_factor or weight_decay; a parameter is of the first group that names it."),
    ]
  }

  public var adamW: AdamW.Options {
    AdamW.Options(
      convention: convention, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
  }
}
