import Foundation
import Support

/// Hugging Face's `tokenizer.json` of a word vocabulary, and the `tokenizer_config.json` by which `transformers` takes it
/// for a tokenizer of its own beside a GPT-2.
extension WordTokenizer {
  /// The type of such a file's model.
  static let modelType = "WordLevel"

  /// - Returns: the words by id, and the id of the unknown one.
  /// - Throws: `Failure.badData` when the file cannot be read, or its texts become other words.
  static func read(_ path: String) throws -> (words: [String], unknown: Int) {
    let file = try TokenizerJSON.decode(Content.self, path)
    try file.requireSteps(path)
    var ids = file.model.vocab
    let marks = [Vocabulary.endOfText, file.model.unk_token]
    for added in file.added_tokens ?? [] {
      let token = try added.token(addedTo: &ids, path)
      guard token.isSpecial, !token.isNormalized, marks.contains(token.text) else {
        throw Failure.badData(
          "\(path) adds the token \"\(token.text)\", but Capstan reads word vocabularies whose only marks are "
            + "\(Vocabulary.endOfText) and the unknown word; save the tokenizer without it.")
      }
    }
    let words = try TokenizerJSON.tokens(byID: ids, path: path)
    guard let unknown = ids[file.model.unk_token] else {
      throw Failure.badData(
        "\(path) names \"\(file.model.unk_token)\" as the unknown word, but its vocabulary does not have it; save the "
          + "tokenizer again.")
    }
    return (words, unknown)
  }

  /// Writes the two files.
  func writeJSON(_ words: [String], special: [Int32], unknown: Int32, to directory: String) throws {
    let encoder = JSON.encoder(keys: .useDefaultKeys)
    let content = Content(
      model: Content.Model(
        vocab: Dictionary(zip(words, words.indices)) { first, _ in first }, unk_token: words[Int(unknown)]),
      added_tokens: special.map { TokenizerJSON.Added(AddedToken(id: $0, text: words[Int($0)])) })
    try DurableFile.write(encoder.encode(content), to: "\(directory)/\(TokenizerDirectory.json)")
    try DurableFile.write(
      encoder.encode(Roles(unk_token: words[Int(unknown)])),
      to: "\(directory)/\(TokenizerDirectory.configuration)")
  }

  // MARK: - The files, under their own names

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Content: Codable {
    struct Model: Codable {
      var type = WordTokenizer.modelType
      let vocab: [String: Int]
      let unk_token: String
    }

    /// A step of a text's treatment, or a sequence of them.
    struct Step: Codable, Equatable {
      let type: String
      var normalizers: [Step]?
    }

    static let normalizer = Step(
      type: "Sequence", normalizers: [Step(type: "Lowercase"), Step(type: "NFC")])
    static let preTokenizer = Step(type: "WhitespaceSplit")

    var version: String? = "1.0"
    var normalizer: Step? = Self.normalizer
    var pre_tokenizer: Step? = Self.preTokenizer
    var post_processor: Step?
    var decoder: Step?
    let model: Model
    let added_tokens: [TokenizerJSON.Added]?

    func requireSteps(_ path: String) throws {
      guard normalizer == Self.normalizer, pre_tokenizer == Self.preTokenizer, post_processor == nil,
        decoder == nil
      else {
        throw Failure.badData(
          "\(path) is a word vocabulary with other steps than the normalizers Lowercase and NFC, the pre-tokenizer "
            + "WhitespaceSplit, no post-processor and no decoder; save it with these, or make one with "
            + "`capstan tokenizer train --words`.")
      }
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Roles: Encodable {
    let tokenizer_class = "PreTrainedTokenizerFast"
    let bos_token = Vocabulary.endOfText
    let eos_token = Vocabulary.endOfText
    let unk_token: String
    let clean_up_tokenization_spaces = false
  }
}
