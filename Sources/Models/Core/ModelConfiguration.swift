import Support

/// All that a captioner is made by, but for its weights: what their names and shapes follow from, and what no shape tells.
public protocol ModelConfiguration: Codable, Equatable, Sendable {
  /// The name of its ``ModelFamily``.
  static var family: String { get }
  var vocabularySize: Int { get }
  /// The most tokens of a caption, its end included.
  var maxCaptionTokens: Int { get }
  /// What must be the same for a run to be resumed, beside the shapes of weights.
  var facts: [ModelFact] { get }
  /// The model without memory for its parameters.
  /// - Parameters:
  ///   - startToken: what a caption starts from, where nothing else does.
  ///   - dropout: on tapes that drop at all.
  func makeModel(startToken: Int32, dropout: Float) -> any CaptionModel
  /// Whether Hugging Face's libraries can read a checkpoint as a model of theirs.
  var isHuggingFaceModel: Bool { get }
  /// Writes the `config.json` by which they do.
  func writeHuggingFaceConfiguration(to path: String, endOfText: Int) throws
  /// - Parameter source: of the numbers, for messages.
  /// - Throws: `Failure.badData` for a model that cannot be.
  func validate(source: String) throws
}

extension ModelConfiguration {
  public var isHuggingFaceModel: Bool { false }
  public func writeHuggingFaceConfiguration(to path: String, endOfText: Int) throws {}
}

/// Something about a model that two runs of it have in common.
public struct ModelFact: Equatable, Sendable {
  /// As a sentence has it before the value: “a language model of”.
  public let name: String
  public let value: String
  /// What to do where the value is another.
  public let advice: String

  public init(_ name: String, _ value: String, advice: String) {
    self.name = name
    self.value = value
    self.advice = advice
  }
}

/// A configuration of any family, in JSON under the family's name.
public struct AnyModelConfiguration: Codable, Equatable, Sendable {
  public let base: any ModelConfiguration

  public init(_ base: any ModelConfiguration) { self.base = base }

  public static func == (left: Self, right: Self) -> Bool {
    func isEqual<Model: ModelConfiguration>(_ base: Model) -> Bool { base == right.base as? Model }
    return isEqual(left.base)
  }

  private enum CodingKeys: String, CodingKey {
    case family, configuration
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .family)
    guard let family = ModelFamilies.named(name) else {
      throw Failure.badData(
        "The model is of the family \(name), but this Capstan has \(ModelFamilies.names); use the Capstan that wrote it."
      )
    }
    base = try container.decode(family.configurationType, forKey: .configuration)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type(of: base).family, forKey: .family)
    try container.encode(base, forKey: .configuration)
  }
}
