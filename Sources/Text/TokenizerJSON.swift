import Foundation
import Support

/// Hugging Face's `tokenizer.json`, the one file that transformers 5 saves: a vocabulary, its merges, the tokens that were
/// added to it, and what is done to a text before and after.
///
/// Read is byte-level BPE as GPT-2 has it. What would give a text other ids is refused by its name.
extension Vocabulary {
  /// - Throws: `Failure.badData` when the file cannot be read, or is not such a tokenizer.
  init(tokenizerJSON path: String) throws {
    try Self.decode(Steps.self, path).requireGPT2(path)
    let file = try Self.decode(Content.self, path)
    var ids = file.model.vocab
    var added: [AddedToken] = []
    for token in file.added_tokens ?? [] {
      try token.requirePlain(path)
      guard !token.content.isEmpty, ids[token.content] ?? token.id == token.id,
        let id = Int32(exactly: token.id)
      else {
        throw Failure.badData(
          "\(path) adds the token \"\(token.content)\" with the id \(token.id), but its vocabulary has it otherwise, or "
            + "it is empty; save the tokenizer again.")
      }
      ids[token.content] = token.id
      added.append(
        AddedToken(
          id: id, text: token.content, isSpecial: token.special ?? false,
          isNormalized: token.normalized ?? false))
    }
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

  private static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    do { return try JSONDecoder().decode(type, from: read(path)) } catch let error as DecodingError {
      throw Failure.badData(
        "\(path) is not a tokenizer.json of byte-level BPE: \(error.inWords); save the tokenizer again.")
    }
  }

  /// Writes the file, so that added tokens are found in texts again.
  func saveTokenizerJSON(to path: String) throws {
    let file = Content(
      model: Content.Model(
        vocab: Dictionary(zip(tokens, tokens.indices)) { first, _ in first },
        merges: merges.map { .init(left: tokens[Int($0.pair.left)], right: tokens[Int($0.pair.right)]) }),
      added_tokens: addedTokens.map {
        Content.Added(id: Int($0.id), content: $0.text, special: $0.isSpecial, normalized: $0.isNormalized)
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try DurableFile.write(encoder.encode(file), to: path)
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

    struct Added: Codable {
      let id: Int
      let content: String
      var special: Bool?
      var normalized: Bool?
      var single_word: Bool? = false
      var lstrip: Bool? = false
      var rstrip: Bool? = false

      func requirePlain(_ path: String) throws {
        let odd = [("single_word", single_word), ("lstrip", lstrip), ("rstrip", rstrip)].first {
          $0.1 == true
        }
        if let odd {
          throw Failure.badData(
            "\(path) adds the token \"\(content)\" with \(odd.0), which Capstan does not read; save the tokenizer "
              + "without it.")
        }
      }
    }

    let model: Model
    var added_tokens: [Added]?
    var version = "1.0"
    var pre_tokenizer = ByteLevel()
    var decoder = ByteLevel()

    private enum CodingKeys: CodingKey { case model, added_tokens, version, pre_tokenizer, decoder }

    init(model: Model, added_tokens: [Added]) { (self.model, self.added_tokens) = (model, added_tokens) }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      model = try fields.decode(Model.self, forKey: .model)
      added_tokens = try fields.decodeIfPresent([Added].self, forKey: .added_tokens)
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

extension DecodingError {
  /// Where the file is otherwise than expected.
  fileprivate var inWords: String {
    switch self {
    case .keyNotFound(let key, _): "it has no \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "it is no JSON object"
        : "\(context.codingPath.map(\.stringValue).joined(separator: ".").prefix(80)) is not as it should be"
    @unknown default: "it is not as it should be"
    }
  }
}
