import FileFormats
import Support

extension BPETokenizer {
  /// The vocabulary that a GGUF file carries.
  ///
  /// - Throws: `Failure.badData` when there is none, it is of another kind, or its texts become other tokens.
  public init(_ file: GGUFFile) throws { self.init(try Vocabulary(file)) }
}

extension Vocabulary {
  /// Which rules llama.cpp means by its names of pre-tokenizers.
  private static let ggufRules: [String: BPERules] = [
    "gpt-2": BPERules(), "smollm": BPERules(preTokenization: .gpt2SingleDigits),
    "llama-bpe": BPERules(preTokenization: .llama3, ignoresMerges: true),
    "qwen2": BPERules(preTokenization: .qwen2, normalizesToNFC: true),
  ]

  init(_ file: GGUFFile) throws {
    func value(_ key: String) -> GGUFValue? { file.metadata["tokenizer.ggml.\(key)"] }
    guard value("model")?.string == "gpt2", let pre = value("pre")?.string, let rules = Self.ggufRules[pre]
    else {
      let found =
        "\(value("model")?.string ?? "none") with the pre-tokenizer \(value("pre")?.string ?? "none")"
      throw Failure.badData(
        "\(file.path) has the tokenizer \(found.printableLine(longest: 80)), but of GGUF files Capstan reads gpt2 with "
          + "\(Self.ggufRules.keys.sorted().joined(separator: ", ")); name a directory with its tokenizer.json."
      )
    }
    guard let tokens = value("tokens")?.strings, let types = value("token_type")?.integers,
      let end = value("eos_token_id")?.integer,
      tokens.count == types.count,
      tokens.indices.contains(end)
    else {
      throw Failure.badData(
        "\(file.path) is damaged: its tokenizer needs tokens, as many token_types, and an eos_token_id that is one of "
          + "them; download it again.")
    }
    var ids: [String: Int] = [:]
    for (id, token) in tokens.enumerated() where ids.updateValue(id, forKey: token) != nil {
      throw Failure.badData(
        "\(file.path) is damaged: it has the token \"\(token)\" twice; download it again.")
    }
    let added = zip(tokens, types).enumerated().compactMap { id, token -> AddedToken? in
      switch token.1 {
      case Self.controlToken: AddedToken(id: Int32(id), text: token.0)
      case Self.userToken: AddedToken(id: Int32(id), text: token.0, isSpecial: false)
      default: nil
      }
    }
    let found = try (value("merges")?.strings ?? []).map { merge in
      let parts = merge.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let merge = Merge(parts[0], parts[1], in: ids) else {
        throw Failure.badData(
          "\(file.path) is damaged: the merge \"\(merge)\" is of tokens that it does not have; download it again."
        )
      }
      return merge
    }
    try self.init(
      ids, found, added: added, endToken: tokens[end], rules: rules, lacksBytes: true, path: file.path)
  }

  /// Of llama.cpp's types of tokens.
  private static let controlToken = 3
  private static let userToken = 4
}
