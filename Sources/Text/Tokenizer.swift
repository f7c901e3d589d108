import Support

/// Text to token ids and back.
///
/// A tokenizer does not change once it is made, so threads share one freely.
public protocol Tokenizer: Sendable {
  /// How many tokens there are; their ids are 0..<vocabularySize.
  var vocabularySize: Int { get }
  /// The id of the token that ends a caption, such as `<|endoftext|>`, and starts it in models that have a start token.
  var endOfText: Int32 { get }
  /// The id of the token that begins a text, where the vocabulary has another for that than `endOfText`.
  var beginOfText: Int32? { get }
  /// The id of the token that stands for every word the vocabulary lacks; nil when it can write any text.
  var unknown: Int32? { get }
  /// Tells vocabularies apart: equal for equal tokens and rules, however the files are formatted.
  var fingerprint: Fingerprint { get }

  /// The token with the id as the files spell it; nil when no token has it.
  func token(_ id: Int32) -> String?
  /// The token ids of a text; no token that begins or ends a text is added.
  func encode(_ text: String, specialTokens: SpecialTokens) -> [Int32]
  /// The text of token ids. Ids that the vocabulary does not have are passed over.
  func decode(_ ids: some Sequence<Int32>) -> String
  /// Writes the files, which Hugging Face's libraries read, into `directory`, which is made if need be. What is there of
  /// another vocabulary goes.
  func save(to directory: String) throws
  /// The same as `tokenizer.json` and `tokenizer_config.json`, by which transformers takes it beside any model.
  func saveJSON(to directory: String) throws
}

/// What to do with the characters of a mark, such as `<|endoftext|>`, in a text.
public enum SpecialTokens: Sendable {
  /// They are the end-of-text token, as Hugging Face has it, and so with other marks that the vocabulary has.
  case parse
  /// They and other marks are text like any other: for text that somebody else wrote and that must not end a caption.
  case plain
}

extension Tokenizer {
  public var beginOfText: Int32? { nil }

  public func encode(_ text: String) -> [Int32] { encode(text, specialTokens: .parse) }
}
