import Autograd
import Batching
import Configuration
import Models
import Tensors

/// A model with its parameters, as a configuration describes it.
public struct ModelWithArena {
  public let model: any CaptionModel
  public let arena: ParameterArena
}

extension Configuration {
  /// Makes the model with uninitialised parameters.
  /// - Parameters:
  ///   - forTraining: whether what the configuration trains gets gradients.
  ///   - memory: where the parameters are; nil: in the backend's pool.
  public func buildModel(
    _ model: any ModelConfiguration, startToken: Int32, forTraining: Bool = true,
    in memory: (any FlatBufferAllocator)? = nil, on backend: Backend
  ) -> ModelWithArena {
    let model = makeModel(model, startToken: startToken)
    let arena = ParameterArena(
      model.parameters, isTrainable: { forTraining && isTrained($0, in: model) }, in: memory, on: backend)
    return ModelWithArena(model: model, arena: arena)
  }

  /// The model without memory for its parameters.
  func makeModel(_ model: any ModelConfiguration, startToken: Int32) -> any CaptionModel {
    model.makeModel(startToken: startToken, dropout: Float(self.model.section.dropout))
  }

  /// How captions become tokens for this model.
  public func captionRules(for model: any ModelConfiguration) -> CaptionRules {
    CaptionRules(
      endToken: data.endToken, addPeriod: data.addPeriod, limit: data.captionTokens,
      positionLimit: model.maxCaptionTokens)
  }
}
