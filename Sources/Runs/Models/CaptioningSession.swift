import Captioning
import Collectives
import Datasets
import Support
import Tensors

/// A trained model that captions the images of embedding stores, on all ranks of a job together.
public struct CaptioningSession {
  public let model: LoadedModel
  public let captioner: Captioner
  private let communicator: Communicator

  /// To be called by all ranks together.
  /// - Parameter path: a run directory, a checkpoint in one, or a model directory.
  /// - Throws: `Failure`, the same on all ranks, when the model cannot be loaded or cannot caption by these options, and
  ///   when ranks have read different checkpoints of a run that goes on.
  public init(
    _ path: String, _ options: DecodingOptions, communicator: Communicator, on backend: Backend
  ) throws {
    (model, captioner) = try communicator.agree {
      let method = try options.decodingMethod()
      let model = try LoadedModel(path: path, on: backend)
      let captioner = try model.captioner(
        method: method, maxTokens: options.maxTokens, stopsAtPeriod: options.stopsAtPeriod)
      return (model, captioner)
    }
    self.communicator = communicator
    let steps = communicator.allGather([model.source.description.step])
    try communicator.agree {
      if Set(steps).count > 1 {
        throw Failure.runtime(
          "The run wrote a checkpoint while the ranks read it; start again, or name one checkpoint.")
      }
    }
  }

  /// The images of a split of some stores, which the model fits; rank 0 checks the values for all. To be called by all
  /// ranks together.
  /// - Parameters:
  ///   - paths: of the stores, or globs.
  ///   - limit: how many images from the first on; nil: all.
  /// - Throws: `Failure`, the same on all ranks, when the stores cannot be read, hold other embeddings than the model was
  ///   trained on, or have no image of that split.
  public func images(of paths: [String], split: String, limit: Int? = nil) throws -> ImageDataset {
    try communicator.agree {
      let stores = try EmbeddingStore.open(paths, checking: communicator.isRoot)
      try model.requireFit(of: stores)
      let images = try ImageDataset(stores, split: split, limit: limit)
      if communicator.isRoot { try EmbeddingStore.requireFiniteWhereCheap(stores) }
      return images
    }
  }

  /// To be called by all ranks together.
  /// - Parameter progress: is told now and then how many images are done.
  /// - Returns: a caption for each image, the same at any number of ranks.
  public func captions(of images: ImageDataset, progress: (_ done: Int) -> Void) throws -> [String] {
    try captioner.captions(of: images, communicator, progress: progress)
  }
}
