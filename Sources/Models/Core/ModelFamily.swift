import Autograd
import ConfigurationKeys

/// A kind of captioner, and what a configuration may say of it: the one type that ``ModelFamilies`` lists.
public protocol ModelFamily: ConfigurationSection, Sendable {
  /// As `model.family` names it.
  static var name: String { get }
  /// Of the key in the section `model`; nil: its keys are there themselves.
  static var key: String? { get }
  /// One sentence.
  static var help: String { get }
  static var configurationType: any ModelConfiguration.Type { get }

  /// Whether it is trained on images.
  var seesImages: Bool { get }
  var dropout: Double { get }
  /// A model to start from, which may have a vocabulary too.
  var weightsDirectory: String? { get }

  /// - Parameter initialModel: whose weights training starts from.
  /// - Throws: `Failure.usage` for values that no model has.
  func validate(startingFrom initialModel: String?) throws
  /// - Parameter initialModel: whose weights training starts from.
  /// - Throws: `Failure.usage` for keys that would serve nothing.
  func requirePlausible(startingFrom initialModel: String?) throws
  /// What the section and the files that it names describe.
  /// - Throws: `Failure` where they do not fit together.
  func modelConfiguration(_ inputs: ModelInputs) throws -> any ModelConfiguration
  /// The same with sizes that files have brought.
  /// - Parameter source: of the model, where it is from a file; the configuration may not say otherwise.
  /// - Throws: `Failure.usage` where it does.
  func having(_ model: any ModelConfiguration, from source: String?) throws -> Self
  /// - Throws: `Failure.usage` where a run of this section cannot start from a model's weights.
  func requireStart(from model: any ModelConfiguration, path: String) throws
  /// Whether training changes a parameter.
  func trains(_ parameter: Parameter, of model: any CaptionModel) -> Bool
  /// What the model consists of, for a user.
  func parts(of model: any CaptionModel) -> [ModelPart]
  /// What a user should know of the weights that the section names.
  func notes(on model: any ModelConfiguration) -> [String]
  /// Reads the weights that the section names over random ones.
  func loadPretrainedWeights(into model: any CaptionModel) throws
}

extension ModelFamily {
  /// What paths of its keys begin with.
  public static var paths: [String] { key.map { ["model.\($0)."] } ?? keys.map { "model.\($0.name)." } }

  public var seesImages: Bool { true }
  public var dropout: Double { 0 }
  public var weightsDirectory: String? { nil }

  public func requirePlausible(startingFrom initialModel: String?) throws {}
  public func having(_ model: any ModelConfiguration, from source: String?) throws -> Self { self }
  public func trains(_ parameter: Parameter, of model: any CaptionModel) -> Bool { true }
  public func notes(on model: any ModelConfiguration) -> [String] { [] }
  public func loadPretrainedWeights(into model: any CaptionModel) throws {}
}

/// A part of a model as a run's start names it.
public struct ModelPart {
  /// “language model”, “mapping network”.
  public let name: String
  /// What it is, with its sizes.
  public let description: String
  /// Where its weights are from; nil: random.
  public let source: String?
  public let parameters: [Parameter]

  public init(_ name: String, _ description: String, from source: String? = nil, _ parameters: [Parameter]) {
    self.name = name
    self.description = description
    self.source = source
    self.parameters = parameters
  }
}

/// What a model's sizes follow from beside its section.
public struct ModelInputs {
  /// Tokens of the vocabulary.
  public var vocabularySize: Int
  /// Where the vocabulary is.
  public var tokenizerDirectory: String
  /// Floats of one image's embedding.
  public var embeddingWidth: Int
  /// The model that a run starts from or resumes.
  public var known: (any ModelConfiguration)?

  public init(
    vocabularySize: Int, tokenizerDirectory: String, embeddingWidth: Int,
    known: (any ModelConfiguration)? = nil
  ) {
    self.vocabularySize = vocabularySize
    self.tokenizerDirectory = tokenizerDirectory
    self.embeddingWidth = embeddingWidth
    self.known = known
  }
}
