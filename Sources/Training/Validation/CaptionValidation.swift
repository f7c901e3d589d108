import Captioning
import Collectives
import Configuration
import Datasets
import Metrics
import Models
import Support
import Tensors
import Text

/// The images of a split captioned during training, and the captions scored.
struct CaptionValidation {
  private let captioner: Captioner
  private let images: ImageDataset
  /// Of the images, ready for scoring.
  private let references: [String: [String]]
  private let communicator: Communicator

  /// - Throws: `Failure` when the split has no image with a caption, or the model sees no images.
  init(
    _ model: any CaptionModel, _ tokenizer: any Tokenizer, _ stores: [EmbeddingStore],
    _ configuration: Configuration,
    communicator: Communicator, on backend: Backend
  ) throws {
    let beams = configuration.validation.beams
    captioner = Captioner(
      model, tokenizer, method: beams == 1 ? GreedyDecoding() : BeamSearch(beams: beams),
      until: try StopCondition(for: model, tokenizer, endToken: configuration.data.endToken),
      normalizesEmbeddings: configuration.model.normalizeEmbeddings, on: backend)
    images = try ImageDataset(stores, split: configuration.data.validation.split, onlyCaptioned: true)
    references = CaptionText.ptb.references(
      Dictionary(
        zip(images.imageIDs, try images.references(ofFirst: images.count)),
        uniquingKeysWith: { first, _ in first }))
    self.communicator = communicator
  }

  /// The scores of the model's captions now, the same on all ranks: to be called by all.
  /// - Parameter checkInterrupt: called between groups of images; what it throws ends it on all ranks.
  func scores(checkInterrupt: () throws -> Void) throws -> [Metric: Double] {
    let captions = try captioner.captions(of: images, communicator) { _ in try checkInterrupt() }
    let metrics: [Metric] = [.bleu1, .bleu2, .bleu3, .bleu4, .rougeL, .cider]
    // Counted on one rank: a logarithm may have another last bit on another machine.
    let counted = try communicator.agree {
      guard communicator.isRoot else { return [Double]() }
      let captions = Dictionary(zip(images.imageIDs, captions), uniquingKeysWith: { first, _ in first })
      let scores = try CaptionScores(
        candidates: CaptionText.ptb.candidates(captions), references: references)
      return metrics.map { scores[$0] ?? .nan }
    }
    return Dictionary(uniqueKeysWithValues: zip(metrics, communicator.allGather(counted)[0]))
  }
}
