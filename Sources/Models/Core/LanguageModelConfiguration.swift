import FileFormats
import Foundation
import Support

/// All that a language model is made by, but for its weights. The types that can be read are listed in
/// ``LanguageModelFamilies``.
public protocol LanguageModelConfiguration: Codable, Equatable, Sendable {
  /// What `config.json` may have as its `model_type`.
  static var modelTypes: [String] { get }
  /// The name of the table of token embeddings, without prefixes as below.
  static var tokenTable: String { get }
  /// What another weight is, by its name in a state dict without the prefixes of the model and of its wrappers; nil: no
  /// weight of such a model.
  static func role(ofWeight name: Substring) -> WeightRole?

  /// Reads a Hugging Face `config.json`.
  /// - Throws: `Failure.badData` when it is unreadable or describes a model that would compute something else.
  init(contentsOf path: String) throws

  /// Reads the metadata of a GGUF file; nil where it is of another family.
  /// - Throws: `Failure.badData` where it describes a model that would compute something else.
  init?(_ file: GGUFFile) throws
  /// The weights of a GGUF file that this was read from, under Hugging Face's names.
  /// - Throws: `Failure.badData` where a weight is of a type that is not read, or of no such model.
  func arrays(of file: GGUFFile) throws -> [String: StoredArray]

  var modelType: String { get }
  /// As a sentence has it: “GPT-2”.
  var name: String { get }
  var vocabularySize: Int { get set }
  var width: Int { get }
  var layers: Int { get }
  var heads: Int { get }
  /// The most rows of a sequence.
  var contextLength: Int { get }
  /// The sizes, and what no shape of a weight tells, as a sentence has them after “of”.
  var inWords: String { get }

  /// The model without memory for its parameters.
  /// - Parameters:
  ///   - prefix: what stands before the names that Hugging Face's model has in its state dict.
  ///   - dropout: of embeddings, attention and residuals alike, on tapes that drop at all.
  func makeModel(prefix: String, dropout: Float) -> any LanguageModel
  /// Whether transformers takes `vocab.json` and `merges.txt` for its tokenizer.
  var takesGPT2Vocabulary: Bool { get }
  /// Writes the `config.json` that `transformers` reads.
  func writeConfigJSON(to path: String, endOfText: Int) throws
  /// What old versions of transformers had in a state dict beside the weights.
  func legacyBuffers(prefix: String) -> [ArrayEntry]
  /// - Parameter source: of the numbers, for messages.
  /// - Throws: `Failure.badData` for a model that cannot be.
  func validate(source: String) throws
}

extension LanguageModelConfiguration {
  public init?(_ file: GGUFFile) throws { return nil }
  public func arrays(of file: GGUFFile) throws -> [String: StoredArray] { [:] }
  public var takesGPT2Vocabulary: Bool { false }
  public func legacyBuffers(prefix: String) -> [ArrayEntry] { [] }
}

/// What an entry of a language model's state dict is, beside the table of token embeddings and the head.
public enum WeightRole: Sendable {
  case weight
  /// A constant that follows from the sizes, which old versions of transformers stored.
  case constant
}

/// A configuration of any family. In JSON it has the family's own keys; `model_type`, which GPT-2's lack, tells which.
public struct AnyLanguageModelConfiguration: Codable, Equatable, Sendable {
  public var base: any LanguageModelConfiguration

  public init(_ base: any LanguageModelConfiguration) { self.base = base }

  public static func == (left: Self, right: Self) -> Bool {
    func isEqual<Model: LanguageModelConfiguration>(_ base: Model) -> Bool { base == right.base as? Model }
    return isEqual(left.base)
  }

  private enum CodingKeys: CodingKey { case modelType }

  public init(from decoder: any Decoder) throws {
    let type = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(
      String.self, forKey: .modelType)
    base = try LanguageModelFamilies.family(of: type ?? "gpt2", source: "The model").init(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws { try base.encode(to: encoder) }
}
