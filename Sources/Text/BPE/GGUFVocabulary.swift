import FileFormats
import Support

/// The vocabulary that a GGUF file of llama.cpp's has in its metadata.
extension BPETokenizer {
  /// - Throws: `Failure.badData` when the file has none, or one that is not read.
  public init(_ file: GGUFFile) throws {
    func value(_ key: String) -> GGUFValue? { file.metadata["tokenizer.ggml.\(key)"] }
    try self.init(
      ggufModel: value("model")?.string ?? "none", preTokenizer: value("pre")?.string,
      tokens: value("tokens")?.strings ?? [], types: value("token_type")?.integers ?? [],
      merges: value("merges")?.strings ?? [], beginOfText: value("bos_token_id")?.integer,
      endOfText: value("eos_token_id")?.integer, addsBeginOfText: value("add_bos_token")?.boolean,
      path: file.path)
  }

  /// - Parameters:
  ///   - model: `tokenizer.ggml.model`.
  ///   - preTokenizer: `tokenizer.ggml.pre`.
  ///   - tokens: `tokenizer.ggml.tokens`, by id.
  ///   - types: `tokenizer.ggml.token_type`, by id; empty where the file has none.
  ///   - merges: `tokenizer.ggml.merges`, by rank.
  ///   - beginOfText: `tokenizer.ggml.bos_token_id`.
  ///   - endOfText: `tokenizer.ggml.eos_token_id`; `<|endoftext|>` where the file has none.
  ///   - addsBeginOfText: `tokenizer.ggml.add_bos_token`, which matters to a saved tokenizer alone.
  ///   - path: of the file, for messages.
  /// - Throws: `Failure.badData` when the model or the pre-tokenizer is not one that Capstan has, when a token is there
  ///   twice, a type is missing or an id is not of a token, and when a merge's part or result is no token.
  ///
  /// Control tokens are marks, user-defined ones are found in texts, all others are there for the merges alone. A byte
  /// that has no token is left out, as Hugging Face does; `tokenizer.ggml.unknown_token_id` means nothing to either.
  init(
    ggufModel model: String, preTokenizer: String?, tokens: [String], types: [Int], merges: [String],
    beginOfText: Int?, endOfText: Int?, addsBeginOfText: Bool?, path: String
  ) throws {
    guard model == "gpt2" else {
      throw Failure.badData(
        "\(path) has a vocabulary of the kind \"\(model.shortened)\", but Capstan reads byte-level BPE, \"gpt2\"; give the "
          + "model's tokenizer.json.")
    }
    guard let rules = preTokenizer.flatMap({ BPERules.ofGGUF[$0] }) else {
      throw Failure.badData(
        "\(path) has \(preTokenizer.map { "the pre-tokenizer \"\($0.shortened)\"" } ?? "no pre-tokenizer"), but Capstan has "
          + "\(BPERules.ofGGUF.keys.sorted().joined(separator: ", ")); give the model's tokenizer.json.")
    }
    guard types.isEmpty || types.count == tokens.count else {
      throw Failure.badData(
        "\(path) has \(tokens.count) tokens, but \(types.count) types of tokens; take the file again from its source."
      )
    }
    let ids = [String: Int](zip(tokens, tokens.indices)) { first, _ in first }
    guard ids.count == tokens.count, Int32(exactly: tokens.count) != nil else {
      throw Failure.badData(
        "\(path) has \(tokens.count) tokens of which \(ids.count) differ; expected each once; take the file again from its "
          + "source.")
    }
    for (name, id) in [("begins", beginOfText), ("ends", endOfText)] {
      if let id, !tokens.indices.contains(id) {
        throw Failure.badData(
          "\(path) says that the token \(id) \(name) a text, but has the tokens 0 to \(tokens.count - 1); take the file again "
            + "from its source.")
      }
    }
    let added = zip(types, tokens).enumerated().compactMap { id, entry -> AddedToken? in
      guard let kind = GGUFTokenType(rawValue: entry.0), !entry.1.isEmpty else { return nil }
      return AddedToken(id: Int32(id), text: entry.1, isSpecial: kind == .control)
    }
    let role = { (id: Int?) in id.map { TokenizerRoles.Role(name: .id($0), path: path) } }
    var template = TextTemplate()
    if let beginOfText, addsBeginOfText ?? (rules.preTokenizer == .llama3) {
      template.before = [Int32(beginOfText)]
    }
    self.init(
      try Vocabulary(
        ids, Self.merges(merges, ids, path), added: added, rules: rules, template: template,
        roles: TokenizerRoles(begin: role(beginOfText), end: role(endOfText)), path: path))
  }

  private static func merges(_ lines: [String], _ ids: [String: Int], _ path: String) throws -> [Merge] {
    try lines.enumerated().map { rank, line in
      let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let merge = Merge(parts[0], parts[1], in: ids) else {
        throw Failure.badData(
          "\(path): merge \(rank), \"\(line.shortened)\", is not of two tokens that make a third; take the file again from its "
            + "source.")
      }
      return merge
    }
  }
}

/// llama.cpp's `llama_token_type`, as far as it matters.
private enum GGUFTokenType: Int {
  case control = 3
  case userDefined = 4
}

extension BPERules {
  /// By llama.cpp's names, with what the models' own `tokenizer.json` have.
  fileprivate static let ofGGUF: [String: BPERules] = [
    "gpt-2": BPERules(),
    "smollm": BPERules(preTokenizer: .digits),
    "starcoder": BPERules(preTokenizer: .digits),
    "llama-bpe": BPERules(preTokenizer: .llama3, ignoresMerges: true),
    "qwen2": BPERules(preTokenizer: .qwen2, composes: true),
  ]
}

extension String {
  fileprivate var shortened: Substring { prefix(80) }
}
