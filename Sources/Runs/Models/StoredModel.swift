import Configuration
import FileFormats
import Foundation
import Models
import Support
import Text

/// A model on disk with all that belongs to it: what captions, what a run may start from, what is exported.
public struct StoredModel: Sendable {
  /// The directory with the weights: a run's checkpoint, links resolved, or a model directory.
  public let path: String
  public let description: ModelDescription
  public let tokenizerDirectory: String
  /// The files of the weights: of a run with a frozen language model, its own and the checkpoint's.
  private let weightFiles: [String]
  /// Whether the token table has rows beyond the vocabulary, as Hugging Face's directories may.
  private let isPadded: Bool

  /// - Parameter path: a run directory, of which the best checkpoint is taken, or else the latest; a checkpoint within
  ///   one; a model directory; a Hugging Face language model's directory, or a GGUF file.
  /// - Throws: `Failure` when it is none of these, and when a file of it is missing or damaged.
  public init(_ path: String) throws {
    let place = URL(fileURLWithPath: try Self.resolve(path)).resolvingSymlinksInPath()
    let has = { (name: String) in FileManager.default.fileExists(atPath: "\(place.path)/\(name)") }
    let run = RunDirectory(place.path)
    let parent = RunDirectory(place.deletingLastPathComponent().deletingLastPathComponent().path)
    if has(ModelDescriptionFile.name) {
      try self.init(modelDirectory: place.path)
    } else if run.holdsRun {
      let folder = CheckpointFolder(path: run.checkpoints)
      guard let checkpoint = try folder.directory(linkedBy: "best") ?? folder.directory(linkedBy: "latest")
      else {
        throw Failure.usage("The run \(path) has no checkpoint yet; train it until it has written one.")
      }
      try self.init(run, checkpoint: checkpoint)
    } else if parent.holdsRun {
      try self.init(parent, checkpoint: place.path)
    } else if try has("config.json") || GGUFFile.isGGUF(place.path) {
      try self.init(languageModel: place.path)
    } else {
      throw Failure.usage(
        "\(path) is neither a run directory, which has a config.yaml, nor a checkpoint in the folder “checkpoints” of "
          + "one, nor a model directory, which has a \(ModelDescriptionFile.name); name such a directory.")
    }
  }

  /// A run's own links lead to its checkpoints or nowhere; what else a user names may be a link to anywhere.
  private static func resolve(_ path: String) throws -> String {
    let run = URL(fileURLWithPath: path).deletingLastPathComponent().deletingLastPathComponent().path
    return RunDirectory(run).holdsRun ? try CheckpointFolder.resolve(path) : path
  }

  private init(modelDirectory path: String) throws {
    self.path = path
    tokenizerDirectory = path
    weightFiles = [path]
    isPadded = false
    description = try ModelDescriptionFile.read(from: path)
  }

  private init(languageModel path: String) throws {
    self.path = path
    tokenizerDirectory = path
    weightFiles = [path]
    let tokenizer = try TokenizerDirectory.open(path)
    var size = try PretrainedLanguageModel(path).configuration
    isPadded = size.vocabularySize > tokenizer.vocabularySize
    size.vocabularySize = min(size.vocabularySize, tokenizer.vocabularySize)
    description = ModelDescription(
      model: ClipCapConfiguration(mapper: nil, embeddingWidth: 0, languageModel: size),
      embeddings: nil, normalizesEmbeddings: false, endToken: true,
      tokenizer: tokenizer.fingerprint, step: 0, origin: path)
  }

  private init(_ run: RunDirectory, checkpoint path: String) throws {
    let state = try Checkpoint(path, of: run).state
    let configuration = try Configuration(contentsOf: run.configuration)
    let identity = state.identity
    self.path = path
    tokenizerDirectory = run.tokenizer
    isPadded = false
    let frozen = run.frozenParameters
    weightFiles = ["\(path)/\(CheckpointFile.model)"] + (FileKind(frozen) == nil ? [] : [frozen])
    description = ModelDescription(
      model: try configuration.model.section.modelConfiguration(
        ModelInputs(
          vocabularySize: identity.model.vocabularySize, tokenizerDirectory: run.tokenizer,
          embeddingWidth: identity.embeddings.width, known: identity.model)),
      embeddings: configuration.model.section.seesImages ? identity.embeddings : nil,
      normalizesEmbeddings: configuration.model.normalizeEmbeddings, endToken: configuration.data.endToken,
      tokenizer: identity.tokenizer, step: state.step, origin: path)
  }

  /// - Throws: `Failure.badData` when the vocabulary is not the one that the model was trained with.
  public func tokenizer() throws -> any Tokenizer {
    let tokenizer = try TokenizerDirectory.open(tokenizerDirectory)
    guard tokenizer.fingerprint == description.tokenizer else {
      throw Failure.badData(
        "The vocabulary in \(tokenizerDirectory) is not the one that \(path) was trained with (SHA-256 "
          + "\(tokenizer.fingerprint) instead of \(description.tokenizer)); put its own back.")
    }
    return tokenizer
  }

  /// All weights of the model.
  public func weights() throws -> ModelWeights {
    let names = Set(description.model.makeModel(startToken: 0, dropout: 0).parameters.map(\.name))
    let parts = try weightFiles.map { file in
      let state =
        try GGUFFile.isGGUF(file) ? PretrainedLanguageModel(file).stateDict() : StateDict(path: file)
      return try ModelWeights(state, knowing: names)
    }
    let weights = try parts.dropFirst().reduce(parts[0]) { try ModelWeights($0, with: $1) }
    return isPadded ? weights.withTokens(description.model.vocabularySize) : weights
  }
}
