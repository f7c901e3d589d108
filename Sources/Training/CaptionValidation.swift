import Captioning
import Collectives
import Datasets
import Essentials
import Metrics
import Models
import Tensors
import Text

/// The images of a split captioned during training, and the captions scored.
struct CaptionValidation {
  private let captioner: Captioner
  private let images: ImageSet
  /// Of the images, ready for scoring.
  private let references: [String: [String]]
  private let communicator: Communicator

  /// - Throws: `Failure` when the split has no image with a caption, or the model sees no images.
  init(
    _ model: ClipCap, _ tokenizer: Tokenizer, _ stores: [EmbeddingStore], _ configuration: Configuration,
    communicator: Communicator, on backend: Backend
  ) throws {
    let beams = configuration.validation.beams
    captioner = try configuration.captioner(
      model, tokenizer, method: beams == 1 ? GreedyDecoding() : BeamSearch(beams: beams), on: backend)
    images = try ImageSet(stores, split: configuration.data.validation.split, onlyCaptioned: true)
    references = CaptionText.ptb.references(
      Dictionary(
        zip(images.imageIDs, images.references(ofFirst: images.count)),
        uniquingKeysWith: { first, _ in first }))
    self.communicator = communicator
  }

  /// The scores of the model's captions now, the same on all ranks: to be called by all.
  func scores() throws -> [Metric: Double] {
    let captions = try captioner.captions(of: images, communicator)
    let metrics: [Metric] = [.bleu1, .bleu2, .bleu3, .bleu4, .rougeL, .cider]
    // Counted on one rank: a logarithm may have another last bit on another machine.
    let counted = try communicator.together {
      guard communicator.isRoot else { return [Double]() }
      let captions = Dictionary(zip(images.imageIDs, captions), uniquingKeysWith: { first, _ in first })
      let scores = try CaptionScores(
        candidates: CaptionText.ptb.candidates(captions), references: references)
      return metrics.map { scores[$0] ?? .nan }
    }
    return Dictionary(uniqueKeysWithValues: zip(metrics, communicator.allGather(counted)[0]))
  }
}

extension Configuration {
  /// A captioner whose captions end as the model learns to end them: with the end of text, or where captions have
  /// none in training, with a full stop as in ClipCap.
  ///
  /// - Parameters:
  ///   - maxTokens: of a caption; nil takes ClipCap's 67, or what the model's positions hold if that is less.
  ///   - stopsAtPeriod: whether a full stop ends a caption in any case.
  /// - Throws: `Failure.usage` when `maxTokens` is more than the positions hold.
  func captioner(
    _ model: ClipCap, _ tokenizer: Tokenizer, method: any DecodingMethod, maxTokens: Int? = nil,
    stopsAtPeriod: Bool = false, on backend: Backend
  ) throws -> Captioner {
    let end = try CaptionEnd(
      for: model, tokenizer, endToken: data.endToken, period: stopsAtPeriod || !data.endToken,
      maxTokens: maxTokens)
    return Captioner(
      model, tokenizer, method: method, until: end, normalizesEmbeddings: self.model.normalizeEmbeddings,
      on: backend)
  }
}
