import Foundation
import Support

/// Hugging Face's `tokenizer.json` of a byte-level BPE vocabulary.
///
/// Read is byte-level BPE by the rules of ``BPERules``. What would give a text other ids is refused by its name. Tokens that
/// a template puts around a text are not added here: what a caption begins and ends with is the model's business.
extension Vocabulary {
  /// - Throws: `Failure.badData` when the file cannot be read, or is not such a tokenizer.
  init(tokenizerJSON path: String) throws {
    let steps = try TokenizerJSON.decode(Steps.self, path)
    let rules = try steps.rules(path)
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
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let endToken = try TokenizerConfiguration.endToken(in: directory) ?? Self.endOfText
    try self.init(
      ids, merges, added: added, endToken: endToken, rules: rules, lacksBytes: steps.model.unk_token == nil,
      path: path)
  }

  /// - Parameter added: the tokens that are found in texts as they are written.
  func writeTokenizerJSON(added: [AddedToken], to path: String) throws {
    let file = Content(
      model: Content.Model(
        vocab: Dictionary(zip(tokens, tokens.indices)) { first, _ in first },
        merges: merges.map { .init(left: tokens[Int($0.pair.left)], right: tokens[Int($0.pair.right)]) },
        ignore_merges: rules.ignoresMerges), added_tokens: added.map(TokenizerJSON.Added.init), rules: rules)
    try DurableFile.write(JSON.encoder(keys: .useDefaultKeys).encode(file), to: path)
  }

  // MARK: - The file, under its own names

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Content: Codable {
    struct Model: Codable {
      var type = "BPE"
      let vocab: [String: Int]
      let merges: [WrittenMerge]
      var ignore_merges = false

      private enum CodingKeys: CodingKey { case type, vocab, merges, ignore_merges }

      init(vocab: [String: Int], merges: [WrittenMerge], ignore_merges: Bool) {
        (self.vocab, self.merges, self.ignore_merges) = (vocab, merges, ignore_merges)
      }

      init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        vocab = try fields.decode([String: Int].self, forKey: .vocab)
        merges = try fields.decode([WrittenMerge].self, forKey: .merges)
      }
    }

    let model: Model
    var added_tokens: [TokenizerJSON.Added]?
    var version = "1.0"
    var normalizer: WrittenStep?
    var pre_tokenizer = WrittenStep.byteLevel(useRegex: true)
    var decoder = WrittenStep.byteLevel(useRegex: true)

    private enum CodingKeys: CodingKey {
      case model, added_tokens, version, normalizer, pre_tokenizer, decoder
    }

    init(model: Model, added_tokens: [TokenizerJSON.Added], rules: BPERules) {
      (self.model, self.added_tokens) = (model, added_tokens)
      normalizer = rules.normalizesToNFC ? WrittenStep(type: "NFC") : nil
      pre_tokenizer = WrittenStep.preTokenizer(rules.preTokenization)
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      model = try fields.decode(Model.self, forKey: .model)
      added_tokens = try fields.decodeIfPresent([TokenizerJSON.Added].self, forKey: .added_tokens)
    }
  }

  /// A step of a text's treatment, with the settings that it has.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct WrittenStep: Encodable {
    let type: String
    var pretokenizers: [WrittenStep]?
    var pattern: [String: String]?
    var behavior: String?
    var invert: Bool?
    var individual_digits: Bool?
    var add_prefix_space: Bool?
    var trim_offsets: Bool?
    var use_regex: Bool?

    static func byteLevel(useRegex: Bool) -> WrittenStep {
      WrittenStep(type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: useRegex)
    }

    static func preTokenizer(_ preTokenization: PreTokenization) -> WrittenStep {
      let first: WrittenStep
      if let pattern = preTokenization.pattern {
        first = WrittenStep(type: "Split", pattern: ["Regex": pattern], behavior: "Isolated", invert: false)
      } else if preTokenization == .gpt2SingleDigits {
        first = WrittenStep(type: "Digits", individual_digits: true)
      } else {
        return byteLevel(useRegex: true)
      }
      return WrittenStep(
        type: "Sequence", pretokenizers: [first, byteLevel(useRegex: preTokenization.pattern == nil)])
    }
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
  fileprivate struct Steps: Decodable {
    struct Step: Decodable {
      let type: String?
      let add_prefix_space: Bool?
      let use_regex: Bool?
      let individual_digits: Bool?
      let pattern: Pattern?
      let behavior: String?
      let invert: Bool?
      let normalizers: [Step]?
      let pretokenizers: [Step]?
      let processors: [Step]?

      /// The steps of a sequence, or the step itself.
      var all: [Step] {
        type == "Sequence" ? (normalizers ?? pretokenizers ?? processors ?? []).flatMap(\.all) : [self]
      }
      var name: String { type ?? "without a type" }
    }

    struct Pattern: Decodable {
      private enum CodingKeys: String, CodingKey { case regex = "Regex" }
      let regex: String?
    }

    struct Model: Decodable {
      let type: String?
      let dropout: Double?
      let continuing_subword_prefix: String?
      let end_of_word_suffix: String?
      let ignore_merges: Bool?
      let unk_token: String?
    }

    let normalizer: Step?
    let pre_tokenizer: Step?
    let post_processor: Step?
    let decoder: Step?
    let model: Model

    func rules(_ path: String) throws -> BPERules {
      let normalizers = normalizer?.all ?? []
      let before = pre_tokenizer?.all ?? []
      let after = post_processor?.all ?? []
      let preTokenization = PreTokenization(before)
      let oddities: [String?] = [
        model.type.flatMap { $0 == "BPE" ? nil : "the model \($0)" },
        model.dropout.flatMap { $0 == 0 ? nil : "a dropout of merges" },
        model.continuing_subword_prefix.flatMap { $0.isEmpty ? nil : "a continuing_subword_prefix" },
        model.end_of_word_suffix.flatMap { $0.isEmpty ? nil : "an end_of_word_suffix" },
        normalizers.first { $0.type != "NFC" }.map { "the normalizer \($0.name)" },
        before.first { !["ByteLevel", "Digits", "Split"].contains($0.type) }.map {
          "the pre-tokenizer \($0.name)"
        },
        before.contains { $0.add_prefix_space == true } ? "add_prefix_space, a space before each text" : nil,
        before.isEmpty ? "no pre-tokenizer" : nil,
        preTokenization == nil ? "pre-tokenizers with other settings" : nil,
        after.first { !["ByteLevel", "TemplateProcessing"].contains($0.type) }.map {
          "the post-processor \($0.name)"
        },
        decoder.flatMap { $0.type == "ByteLevel" ? nil : "the decoder \($0.name)" },
      ]
      guard let odd = oddities.compactMap(\.self).first else {
        return BPERules(
          preTokenization: preTokenization ?? .gpt2, normalizesToNFC: !normalizers.isEmpty,
          ignoresMerges: model.ignore_merges ?? false)
      }
      throw Failure.badData(
        "\(path) has \(odd), but Capstan reads byte-level BPE as GPT-2, Llama 3, Qwen2 and SmolLM have it: the pre-tokenizer "
          + "ByteLevel, alone or behind Digits or their patterns, and no normalizer but NFC; use such a tokenizer, or train "
          + "one with `capstan tokenizer train`.")
    }
  }
}

extension PreTokenization {
  /// Nil where the steps cut texts in another way.
  fileprivate init?(_ steps: [Vocabulary.Steps.Step]) {
    guard let last = steps.last, last.type == "ByteLevel", steps.count <= 2 else { return nil }
    let usesGPT2 = last.use_regex ?? true
    guard let first = steps.dropLast().first else {
      guard usesGPT2 else { return nil }
      self = .gpt2
      return
    }
    let found = Self.allCases.first { kind in
      switch first.type {
      case "Digits": kind == .gpt2SingleDigits && usesGPT2 && first.individual_digits == true
      case "Split":
        kind.pattern != nil && kind.pattern == first.pattern?.regex && !usesGPT2
          && first.behavior == "Isolated"
          && first.invert != true
      default: false
      }
    }
    guard let found else { return nil }
    self = found
  }
}
