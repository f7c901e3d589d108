import Foundation
import Support

/// Hugging Face's `tokenizer.json` of a byte-level BPE vocabulary.
///
/// Read is byte-level BPE as of GPT-2, Llama 3, Qwen2 and SmolLM2. What would give a text other ids is refused by its name.
extension Vocabulary {
  /// - Parameters:
  ///   - roles: of the tokens that begin and end a text.
  /// - Throws: `Failure.badData` when the file cannot be read, or is not such a tokenizer.
  init(tokenizerJSON path: String, roles: TokenizerRoles) throws {
    let steps = try TokenizerJSON.decode(ByteLevelSteps.self, path)
    let model = try TokenizerJSON.decode(Model.self, path).model
    let (readRules, oddity) = steps.rules()
    if let odd = model.oddity ?? oddity { throw Self.unread(odd, path) }
    let file = try TokenizerJSON.decode(Content.self, path)
    if let odd = model.oddity(of: file.model.vocab) { throw Self.unread(odd, path) }
    var ids = file.model.vocab
    let added = try (file.added_tokens ?? []).map { try $0.token(addedTo: &ids, path) }
    guard let template = steps.template(ids) else {
      throw Failure.badData(
        "\(path) has a TemplateProcessing that adds a token which its vocabulary does not have; save the tokenizer again."
      )
    }
    let merges = try file.model.merges.enumerated().map { rank, merge in
      guard let merge = Merge(merge.left, merge.right, in: ids) else {
        throw Failure.badData(
          "\(path): merge \(rank), \"\(merge.left) \(merge.right)\", is of tokens that its vocabulary does not have, or "
            + "makes one that it does not have; save the tokenizer again.")
      }
      return merge
    }
    var rules = readRules ?? BPERules()
    rules.ignoresMerges = model.ignore_merges == true
    try self.init(ids, merges, added: added, rules: rules, template: template, roles: roles, path: path)
  }

  /// Writes the file, so that added tokens and other rules than GPT-2's are found again.
  func writeTokenizerJSON(added: [AddedToken], to path: String) throws {
    let steps = ByteLevelSteps(rules, template, tokens: tokens)
    let file = Content(
      model: Content.Model(
        ignore_merges: rules.ignoresMerges ? true : nil,
        vocab: Dictionary(zip(tokens, tokens.indices)) { first, _ in first },
        merges: merges.map { .init(left: tokens[Int($0.pair.left)], right: tokens[Int($0.pair.right)]) }),
      added_tokens: added.map(TokenizerJSON.Added.init),
      normalizer: steps.normalizer, pre_tokenizer: steps.pre_tokenizer,
      post_processor: steps.post_processor, decoder: steps.decoder)
    try DurableFile.write(JSON.encoder(keys: .useDefaultKeys).encode(file), to: path)
  }

  private static func unread(_ oddity: String, _ path: String) -> Failure {
    Failure.badData(
      "\(path) has \(oddity), but \(ByteLevelSteps.whatIsRead); use such a tokenizer, or train one with "
        + "`capstan tokenizer train`.")
  }

  // MARK: - The file, under its own names

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Content: Codable {
    struct Model: Codable {
      var type: String? = "BPE"
      var ignore_merges: Bool?
      let vocab: [String: Int]
      let merges: [WrittenMerge]
    }

    let model: Model
    var added_tokens: [TokenizerJSON.Added]?
    var version: String? = "1.0"
    // Read as `ByteLevelSteps`.
    var normalizer: ByteLevelSteps.Step?
    var pre_tokenizer: ByteLevelSteps.Step?
    var post_processor: ByteLevelSteps.Step?
    var decoder: ByteLevelSteps.Step?
  }

  /// `"Ġ t"`, or since tokenizers 0.20 `["Ġ", "t"]`.
  private struct WrittenMerge: Codable {
    let left: String
    let right: String

    init(left: String, right: String) { (self.left, self.right) = (left, right) }

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      let parts =
        try (try? value.decode(String.self))?.split(separator: " ", omittingEmptySubsequences: false).map(
          String.init)
        ?? value.decode([String].self)
      guard parts.count == 2 else {
        throw DecodingError.dataCorruptedError(in: value, debugDescription: "a merge is not of two tokens")
      }
      (left, right) = (parts[0], parts[1])
    }

    func encode(to encoder: any Encoder) throws {
      var value = encoder.singleValueContainer()
      try value.encode([left, right])
    }
  }

  /// What a model does besides its merges.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Model: Decodable {
    struct Rules: Decodable {
      let type: String?
      let dropout: Double?
      let unk_token: String?
      let byte_fallback: Bool?
      let continuing_subword_prefix: String?
      let end_of_word_suffix: String?
      let ignore_merges: Bool?

      var oddity: String? {
        let oddities: [String?] = [
          type.flatMap { $0 == "BPE" ? nil : "the model \($0)" },
          dropout.flatMap { $0 == 0 ? nil : "a dropout of merges" },
          continuing_subword_prefix.flatMap { $0.isEmpty ? nil : "a continuing_subword_prefix" },
          end_of_word_suffix.flatMap { $0.isEmpty ? nil : "an end_of_word_suffix" },
        ]
        return oddities.compactMap(\.self).first
      }

      /// What counts only where a byte has no token.
      func oddity(of ids: [String: Int]) -> String? {
        guard unk_token != nil || byte_fallback == true,
          let missing = ByteToUnicode.scalars.first(where: { ids[String($0)] == nil })
        else { return nil }
        let name = byte_fallback == true ? "byte_fallback" : "an unk_token"
        return "\(name) and no token \"\(missing)\", for which it would stand"
      }
    }

    let model: Rules
  }
}
