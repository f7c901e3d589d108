import Datasets
import Foundation
import Models
import Optimization
import Support
import Tensors

/// Where a run stands, beside its weights and moments: with these three it continues as if it had never stopped.
public struct RunState: Codable, Equatable, Sendable {
  /// Optimizer steps that are done.
  public var step = 0
  public var bestLoss: Double?
  /// Where captions are scored.
  public var bestCIDEr: Double?
  public var bestStep: Int?
  public var validationsSinceBest = 0
  /// The step of the last validation.
  public var validatedStep = 0
  /// Whether early stopping has ended the run.
  public var isFinished = false
  /// nil in checkpoints of before there was such a thing.
  public var numerics: SpikeDetector?
  /// nil where no validation has lowered the learning rate or might have.
  public var plateau: PlateauState?
  public private(set) var identity: RunIdentity

  public init(identity: RunIdentity) { self.identity = identity }

  private enum CodingKeys: String, CodingKey {
    case step, bestLoss, bestStep, validationsSinceBest, validatedStep, isFinished, numerics, plateau,
      identity
    case bestCIDEr = "bestCider"
  }

  /// Keys of earlier versions that are not the same words in camel case.
  static let formerKeys = ["bestCIDEr": "bestCider"]

  /// The same state of a run that is resumed, whose identity may say more than an earlier version's.
  public func with(_ identity: RunIdentity) -> RunState {
    var state = self
    state.identity = identity
    return state
  }
}

/// What must be the same for a run to be resumed: another value of any of these would make another run of it.
public struct RunIdentity: Codable, Equatable, Sendable {
  public let seed: Int
  public let batchSize: Int
  public let lanes: Int
  public let tokenizer: Fingerprint
  /// Of the training captions' texts; nil in checkpoints of versions that took it of their tokens.
  public let captionTexts: Fingerprint?
  /// Captions that are shuffled together; nil: all.
  public let shuffleWindow: Int?
  public let embeddings: EmbeddingSpec
  public var model: any ModelConfiguration { storedModel.base }
  private let storedModel: AnyModelConfiguration
  public let precision: Precision
  /// Nodes between which gradients travel in bfloat16, each with an equal part of the lanes; nil where none are
  /// rounded.
  public let roundingNodes: Int?

  public init(
    seed: Int, batchSize: Int, lanes: Int, tokenizer: Fingerprint, captionTexts: Fingerprint?,
    shuffleWindow: Int?,
    embeddings: EmbeddingSpec, model: any ModelConfiguration,
    precision: Precision, roundingNodes: Int?
  ) {
    self.seed = seed
    self.batchSize = batchSize
    self.lanes = lanes
    self.tokenizer = tokenizer
    self.captionTexts = captionTexts
    self.shuffleWindow = shuffleWindow
    self.embeddings = embeddings
    storedModel = AnyModelConfiguration(model)
    self.precision = precision
    self.roundingNodes = roundingNodes
  }

  private enum CodingKeys: String, CodingKey {
    case seed, batchSize, lanes, tokenizer, captionTexts, shuffleWindow, embeddings, precision, roundingNodes
    case storedModel = "model"
  }

  /// What versions that had one family of models wrote in place of the model.
  private enum FormerKeys: String, CodingKey {
    case languageModel, mapperHeads
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    seed = try container.decode(Int.self, forKey: .seed)
    batchSize = try container.decode(Int.self, forKey: .batchSize)
    lanes = try container.decode(Int.self, forKey: .lanes)
    tokenizer = try container.decode(Fingerprint.self, forKey: .tokenizer)
    captionTexts = try container.decodeIfPresent(Fingerprint.self, forKey: .captionTexts)
    shuffleWindow = try container.decodeIfPresent(Int.self, forKey: .shuffleWindow)
    embeddings = try container.decode(EmbeddingSpec.self, forKey: .embeddings)
    precision = try container.decode(Precision.self, forKey: .precision)
    roundingNodes = try container.decodeIfPresent(Int.self, forKey: .roundingNodes)
    if container.contains(.storedModel) {
      storedModel = try container.decode(AnyModelConfiguration.self, forKey: .storedModel)
    } else {
      let former = try decoder.container(keyedBy: FormerKeys.self)
      let heads = try former.decodeIfPresent(Int.self, forKey: .mapperHeads)
      // Of the mapping network the run's configuration tells the rest.
      storedModel = AnyModelConfiguration(
        ClipCapConfiguration(
          mapper: heads.map { .transformer(prefixLength: 0, clipLength: 0, layers: 0, heads: $0) },
          embeddingWidth: embeddings.width,
          languageModel: try former.decode(GPT2Configuration.self, forKey: .languageModel)))
    }
  }

  /// - Throws: `Failure.usage` that names the first difference.
  public func requireSame(as current: RunIdentity, checkpoint: String) throws {
    func transport(_ nodes: Int?) -> String { nodes.map { "bfloat16 between \($0) nodes" } ?? "float32" }
    let differences: [(String, String, String, String)] =
      [
        ("run.seed", "\(seed)", "\(current.seed)", "set it back"),
        ("train.batch_size", "\(batchSize)", "\(current.batchSize)", "set it back"),
        ("train.lanes", "\(lanes)", "\(current.lanes)", "set it back"),
        (
          "data.shuffle_window", shuffleWindow.map(String.init) ?? "null",
          current.shuffleWindow.map(String.init) ?? "null", "set it back"
        ),
        (
          "products in", precision.rawValue, current.precision.rawValue,
          "set train.precision to \(precision.rawValue)"
        ),
        (
          "gradients travelling in", transport(roundingNodes), transport(current.roundingNodes),
          "set train.gradient_reduce_dtype back and start as many nodes"
        ),
        (
          "embeddings of", "\(embeddings)", "\(current.embeddings)",
          "use the stores that the run was started with"
        ),
        ("model.family", type(of: model).family, type(of: current.model).family, "set it back"),
      ] + zip(model.facts, current.model.facts).map { ($0.name, $0.value, $1.value, $0.advice) } + [
        (
          "the tokenizer's fingerprint", tokenizer.beginning, current.tokenizer.beginning,
          "use the vocabulary that the run was started with"
        ),
        (
          "the fingerprint of the training captions", (captionTexts ?? current.captionTexts)?.beginning ?? "",
          current.captionTexts?.beginning ?? "",
          "use the stores and the data settings that the run was started with"
        ),
      ]
    if let (name, then, now, advice) = differences.first(where: { $0.1 != $0.2 }) {
      throw Failure.usage(
        "\(checkpoint) was made with \(name) \(then), but it is \(now) now; \(advice), or start "
          + "a new run in another directory.")
    }
  }
}

extension Fingerprint {
  /// As much as a person compares.
  fileprivate var beginning: String { String(description.prefix(12)) }
}
