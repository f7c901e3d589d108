import Autograd
import Configuration
import Models
import Objectives

/// Captions of images, by a model of any family.
public struct CaptioningTask: TrainingTask {
  let model: any CaptionModel
  let objective: any Objective

  public init(_ model: any CaptionModel, _ objective: any Objective = CrossEntropy()) {
    self.model = model
    self.objective = objective
  }

  init(_ model: any CaptionModel, _ section: TrainSection) {
    self.init(
      model, CrossEntropy(reduction: section.lossReduction, labelSmoothing: section.labelSmoothing))
  }

  public func embeddingLookups(_ batch: CaptionBatch) -> [EmbeddingLookup] { model.embeddingLookups(batch) }

  public func denominator(tokens: Int) -> Double { objective.denominator(tokens: tokens) }

  public func laneLosses(_ batch: CaptionBatch, denominator: Double, on tape: Tape) -> [Double] {
    objective.laneLosses(model, batch, denominator: denominator, on: tape)
  }
}
