import Foundation
import Support

/// Hugging Face's `tokenizer.json` of a byte-level BPE vocabulary.
///
/// Read is byte-level BPE as GPT-2 has it. What would give a text other ids is refused by its name.
extension Vocabulary {
  /// - Throws: `Failure.badData` when the file cannot be read, or is not such a tokenizer.
  init(tokenizerJSON path: String) throws {
    try TokenizerJSON.decode(Steps.self, path).requireGPT2(path)
    let file = try TokenizerJSON.decode(Content.self, path)
    var ids = file.model.vocab
    let added = try (file.added_tokens ?? []).map { try $0.token(addedTo: &ids, path) }
    let merges = try file.model.merges.enumerated().map { rank, merge in
      guard let merge = Merge(merge.left, merge.right, in: ids) else {
        throw Failure.badData(
          "\(path): merge \(rank), \"\(merge.left) \(merge.right)\", is of tokens that its vocabulary does not have, or "
            + "makes one that it does not have; save the tokenizer again.")
      }
      return merge
    }
    try self.init(ids, merges, added: added, path: path)
  }

  /// Writes the file, so that added tokens are found in texts again.
  func saveTokenizerJSON(to path: String) throws {
    let file = Content(
      model: Content.Model(
        vocab: Dictionary(zip(tokens, tokens.indices)) { first, _ in first },
        merges: merges.map { .init(left: tokens[Int($0.pair.left)], right: tokens[Int($0.pair.right)]) }),
      added_tokens: addedTokens.map(TokenizerJSON.Added.init))
    try DurableFile.write(JSON.encoder(keys: .useDefaultKeys).encode(file), to: path)
  }

  // MARK: - The file, under its own names

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Content: Codable {
    struct Model: Codable {
      var type = "BPE"
      let vocab: [String: Int]
      let merges: [WrittenMerge]

      private enum CodingKeys: CodingKey { case type, vocab, merges }

      init(vocab: [String: Int], merges: [WrittenMerge]) { (self.vocab, self.merges) = (vocab, merges) }

      init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        vocab = try fields.decode([String: Int].self, forKey: .vocab)
        merges = try fields.decode([WrittenMerge].self, forKey: .merges)
      }
    }

    let model: Model
    var added_tokens: [TokenizerJSON.Added]?
    var version = "1.0"
    var pre_tokenizer = ByteLevel()
    var decoder = ByteLevel()

    private enum CodingKeys: CodingKey { case model, added_tokens, version, pre_tokenizer, decoder }

    init(model: Model, added_tokens: [TokenizerJSON.Added]) {
      (self.model, self.added_tokens) = (model, added_tokens)
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      model = try fields.decode(Model.self, forKey: .model)
      added_tokens = try fields.decodeIfPresent([TokenizerJSON.Added].self, forKey: .added_tokens)
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct ByteLevel: Encodable {
    let type = "ByteLevel"
    let add_prefix_space = false
    let trim_offsets = true
    let use_regex = true
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

  // MARK: - What is done to a text

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Steps: Decodable {
    struct Step: Decodable {
      let type: String?
      let add_prefix_space: Bool?
      let use_regex: Bool?
      let pretokenizers: [Step]?
      let processors: [Step]?
      let single: [Piece]?

      /// The steps of a sequence, or the step itself.
      var all: [Step] { type == "Sequence" ? (pretokenizers ?? processors ?? []).flatMap(\.all) : [self] }
      var name: String { type ?? "without a type" }
    }

    /// Of a template: a text, or a token beside it.
    struct Piece: Decodable {
      private enum CodingKeys: String, CodingKey { case token = "SpecialToken" }
      let isToken: Bool

      init(from decoder: any Decoder) throws {
        isToken = try decoder.container(keyedBy: CodingKeys.self).contains(.token)
      }
    }

    struct Model: Decodable {
      let type: String?
      let dropout: Double?
      let continuing_subword_prefix: String?
      let end_of_word_suffix: String?
      let ignore_merges: Bool?
    }

    let normalizer: Step?
    let pre_tokenizer: Step?
    let post_processor: Step?
    let decoder: Step?
    let model: Model

    func requireGPT2(_ path: String) throws {
      let before = pre_tokenizer?.all ?? []
      let after = post_processor?.all ?? []
      let oddities: [String?] = [
        model.type.flatMap { $0 == "BPE" ? nil : "the model \($0)" },
        model.dropout.flatMap { $0 == 0 ? nil : "a dropout of merges" },
        model.continuing_subword_prefix.flatMap { $0.isEmpty ? nil : "a continuing_subword_prefix" },
        model.end_of_word_suffix.flatMap { $0.isEmpty ? nil : "an end_of_word_suffix" },
        model.ignore_merges == true ? "ignore_merges" : nil,
        normalizer.map { "the normalizer \($0.name)" },
        before.first { $0.type != "ByteLevel" }.map { "the pre-tokenizer \($0.name)" },
        before.isEmpty ? "no pre-tokenizer" : before.count > 1 ? "several pre-tokenizers" : nil,
        before.first?.add_prefix_space == true ? "add_prefix_space, a space before each text" : nil,
        before.first?.use_regex == false ? "a ByteLevel pre-tokenizer without use_regex" : nil,
        after.first { !["ByteLevel", "TemplateProcessing"].contains($0.type) }.map {
          "the post-processor \($0.name)"
        },
        after.contains { $0.single?.contains(where: \.isToken) == true }
          ? "a TemplateProcessing that adds tokens to each text" : nil,
        decoder.flatMap { $0.type == "ByteLevel" ? nil : "the decoder \($0.name)" },
      ]
      guard let odd = oddities.compactMap(\.self).first else { return }
      throw Failure.badData(
        "\(path) has \(odd), but Capstan reads byte-level BPE as GPT-2 has it: the pre-tokenizer ByteLevel, no normalizer, "
          + "and nothing added to a text; use such a tokenizer, or train one with `capstan tokenizer train`.")
    }
  }
}
