import Autograd
import Captioning
import Datasets
import Essentials
import Foundation
import Models
import Tensors
import Text

/// The model of a run, as one of its checkpoints has it.
public struct TrainedModel {
  /// The checkpoint's own directory, links resolved.
  public let checkpoint: String
  /// Optimizer steps until then.
  public let step: Int
  public let configuration: Configuration
  public let tokenizer: Tokenizer
  public let model: ClipCap
  /// What it learnt from.
  public let embeddings: EmbeddingKind
  private let backend: Backend

  /// - Parameter path: a run directory, of which the best checkpoint is taken, or else the latest; or a checkpoint
  ///   within one.
  /// - Throws: `Failure` when it is neither, and when a file of it is missing, damaged or another model's.
  public init(path: String, on backend: Backend) throws {
    let (directory, checkpointPath) = try Self.locate(path)
    let checkpoint = try Checkpoint(checkpointPath)
    let identity = checkpoint.state.identity
    self.checkpoint = checkpointPath
    step = checkpoint.state.step
    configuration = try Configuration(contentsOf: directory.configuration)
    tokenizer = try Tokenizer(directory: directory.tokenizer)
    guard tokenizer.fingerprint == identity.tokenizer else {
      throw Failure.badData(
        "The vocabulary in \(directory.tokenizer) is not the one that \(checkpointPath) was trained with (SHA-256 "
          + "\(tokenizer.fingerprint) instead of \(identity.tokenizer)); put the run's own back.")
    }
    let built = try configuration.buildModel(
      identity.languageModel, embeddingWidth: identity.embeddings.width, startToken: tokenizer.endOfText,
      forTraining: false, on: backend)
    model = built.model
    embeddings = identity.embeddings
    self.backend = backend
    let isFrozen = configuration.model.languageModel.frozen
    if isFrozen { try restoreParameters(model.languageModel.parameters, from: directory.frozenParameters) }
    try restoreParameters(
      isFrozen ? model.mapper?.parameters ?? [] : model.parameters,
      from: "\(checkpointPath)/\(CheckpointFile.model)")
    built.arena.pack(on: backend)
  }

  /// A captioner whose captions end as the model has learnt to end them.
  ///
  /// - Parameters:
  ///   - maxTokens: of a caption; nil takes ClipCap's 67, or what the model's positions hold if that is less.
  ///   - stopsAtPeriod: whether a full stop ends a caption in any case.
  /// - Throws: `Failure.usage` for a plain language model, and when `maxTokens` is more than the positions hold.
  public func captioner(
    method: any DecodingMethod, maxTokens: Int? = nil, stopsAtPeriod: Bool = false
  ) throws -> Captioner {
    guard model.mapper != nil else {
      throw Failure.usage(
        "\(checkpoint) is a plain language model, which cannot see images; caption with a run that has a mapping "
          + "network (model.mapper.kind mlp or transformer).")
    }
    return try configuration.captioner(
      model, tokenizer, method: method, maxTokens: maxTokens, stopsAtPeriod: stopsAtPeriod, on: backend)
  }

  /// - Throws: `Failure.badData` when the stores hold other embeddings than the model has learnt from.
  public func requireFit(of stores: [EmbeddingStore]) throws {
    for store in stores {
      let found = EmbeddingKind(of: store)
      guard found.fits(embeddings, normalizing: configuration.model.normalizeEmbeddings) else {
        throw Failure.badData(
          "\(store.path) has embeddings of \(found), but \(checkpoint) has learnt from embeddings of \(embeddings); "
            + "import the images' embeddings by the run's encoder in the same way.")
      }
    }
  }

  private static func locate(_ path: String) throws -> (RunDirectory, checkpoint: String) {
    let place = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let run = RunDirectory(place.path)
    if run.holdsRun {
      let checkpoints = ["best", "latest"].map { "\(run.checkpoints)/\($0)" }
      guard let link = checkpoints.first(where: FileManager.default.fileExists) else {
        throw Failure.usage("The run \(path) has no checkpoint yet; train it until it has written one.")
      }
      return (run, URL(fileURLWithPath: link).resolvingSymlinksInPath().path)
    }
    let parent = RunDirectory(place.deletingLastPathComponent().deletingLastPathComponent().path)
    guard parent.holdsRun else {
      throw Failure.usage(
        "\(path) is neither a run directory, which has a config.yaml, nor a checkpoint in the folder “checkpoints” of "
          + "one; name such a directory.")
    }
    return (parent, place.path)
  }
}
