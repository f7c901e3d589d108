import Foundation
import Support

/// Hugging Face's files: `tokenizer.json`, or else `vocab.json` (token → id) and `merges.txt` (two tokens for each merge,
/// by rank), with `added_tokens.json` (token → id) where tokens were added.
extension Vocabulary {
  /// Reads and checks the files in `directory`.
  ///
  /// - Throws: `Failure.badData` when a file cannot be read or parsed, when the ids are not 0..<n, each once,
  ///   and when a merge's part or result, one of the 256 byte symbols or the end of text is not in the
  ///   vocabulary.
  init(directory: String) throws {
    let roles = try TokenizerRoles(directory: directory)
    let json = Self.jsonPath(in: directory)
    if FileManager.default.fileExists(atPath: json) {
      try self.init(tokenizerJSON: json, roles: roles)
      return
    }
    let path = Self.vocabularyPath(in: directory)
    var ids = try Self.readIDs(path)
    let added = try Self.readAddedTokens(in: directory, &ids)
    try self.init(
      ids, Self.readMerges(Self.mergesPath(in: directory), ids: ids), added: added, roles: roles, path: path)
  }

  /// - Parameter path: of the file of the ids, for messages.
  /// - Throws: `Failure.badData` when the ids are not 0..<n, each once, when a token that `roles` names is not there, and
  ///   when there is no end of text, or by GPT-2's rules no symbol of a byte. By others such bytes are left out of texts.
  init(
    _ ids: [String: Int], _ merges: [Merge], added: [AddedToken], rules: BPERules = BPERules(),
    template: TextTemplate = TextTemplate(), roles: TokenizerRoles, path: String
  ) throws {
    tokens = try TokenizerJSON.tokens(byID: ids, path: path)
    (self.merges, self.rules, self.template) = (merges, rules, template)
    let symbols = rules.preTokenizer == .gpt2 ? ByteToUnicode.scalars.map(String.init) : []
    for symbol in symbols where ids[symbol] == nil {
      throw Failure.badData(
        "\(path) has no token \"\(symbol)\"; a byte-level BPE vocabulary has the symbols of all 256 bytes: take GPT-2's "
          + "files or run `capstan tokenizer train`.")
    }
    let end = try roles.end?.id(in: ids, as: "ends") ?? ids[Self.endOfText].flatMap(Int32.init(exactly:))
    guard let end else {
      throw Failure.badData(
        "\(path) has no token \"\(Self.endOfText)\", and no tokenizer_config.json beside it names the token that ends a "
          + "text as eos_token; take all files of the tokenizer, or run `capstan tokenizer train`.")
    }
    endOfText = end
    beginOfText = try roles.begin?.id(in: ids, as: "begins").flatMap { $0 == end ? nil : $0 }
    addedTokens = added.filter { $0.id != end }
    if let beginOfText, !added.contains(where: { $0.id == beginOfText }) {
      addedTokens.append(AddedToken(id: beginOfText, text: tokens[Int(beginOfText)]))
    }
    addedTokens.sort { $0.id < $1.id }
  }

  /// Writes `vocab.json` and `merges.txt`, and where tokens were added `tokenizer.json`, making the directory if need be.
  /// Rules that are not GPT-2's need `tokenizer.json` and `tokenizer_config.json` alone. What is there of another
  /// vocabulary goes.
  func save(to directory: String) throws {
    guard isGPT2, template.isEmpty else { return try saveJSON(to: directory) }
    try DurableFile.makeDirectory(directory)
    let encoder = JSON.encoder()
    let entries = try tokens.enumerated().map { id, token in
      "\(String(decoding: try encoder.encode(token), as: UTF8.self)):\(id)"
    }
    try DurableFile.write(
      Data("{\(entries.joined(separator: ","))}".utf8), to: Self.vocabularyPath(in: directory))
    let lines = merges.map { "\(tokens[Int($0.pair.left)]) \(tokens[Int($0.pair.right)])\n" }
    try DurableFile.write(
      Data(("\(Self.mergesHeader): 0.2\n" + lines.joined()).utf8), to: Self.mergesPath(in: directory))
    var written = [TokenizerDirectory.vocabulary, TokenizerDirectory.merges]
    if !addedTokens.isEmpty {
      // Beside the two files the end of text is known without it.
      try writeTokenizerJSON(added: addedTokens, to: Self.jsonPath(in: directory))
      written.append(TokenizerDirectory.json)
    }
    TokenizerDirectory.removeFiles(besides: written, in: directory)
  }

  /// Writes `tokenizer.json` and `tokenizer_config.json`, making the directory if need be. What is there of another vocabulary
  /// goes.
  func saveJSON(to directory: String) throws {
    try DurableFile.makeDirectory(directory)
    let end = AddedToken(id: endOfText, text: tokens[Int(endOfText)])
    try writeTokenizerJSON(
      added: (addedTokens + [end]).sorted { $0.id < $1.id }, to: Self.jsonPath(in: directory))
    try DurableFile.write(
      JSON.encoder(keys: .useDefaultKeys).encode(
        WrittenRoles(bos_token: beginOfText.map { tokens[Int($0)] }, eos_token: tokens[Int(endOfText)])),
      to: "\(directory)/\(TokenizerDirectory.configuration)")
    TokenizerDirectory.removeFiles(
      besides: [TokenizerDirectory.json, TokenizerDirectory.configuration], in: directory)
  }

  /// By which `transformers` takes the file for a tokenizer of its own.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct WrittenRoles: Encodable {
    let tokenizer_class = "PreTrainedTokenizerFast"
    let bos_token: String?
    let eos_token: String
    let clean_up_tokenization_spaces = false
  }

  private static let mergesHeader = "#version"

  private static func vocabularyPath(in directory: String) -> String {
    "\(directory)/\(TokenizerDirectory.vocabulary)"
  }
  private static func mergesPath(in directory: String) -> String {
    "\(directory)/\(TokenizerDirectory.merges)"
  }
  private static func jsonPath(in directory: String) -> String { "\(directory)/\(TokenizerDirectory.json)" }
  private static func addedPath(in directory: String) -> String {
    "\(directory)/\(TokenizerDirectory.addedTokens)"
  }

  private static func readIDs(_ path: String) throws -> [String: Int] {
    do {
      return try JSONDecoder().decode([String: Int].self, from: TokenizerDirectory.read(path))
    } catch is DecodingError {
      throw Failure.badData(
        "\(path) is not a vocabulary; expected one JSON object that gives each token its id, {\"!\": 0, …}.")
    }
  }

  /// Adds the tokens of `added_tokens.json` to `ids`, where there is one.
  private static func readAddedTokens(in directory: String, _ ids: inout [String: Int]) throws -> [AddedToken]
  {
    let path = addedPath(in: directory)
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let marks = try? JSONDecoder().decode(
      Marks.self, from: TokenizerDirectory.read("\(directory)/\(TokenizerDirectory.specialTokens)"))
    return try readIDs(path).map { text, number in
      guard !text.isEmpty, ids.updateValue(number, forKey: text) ?? number == number,
        let id = Int32(exactly: number)
      else {
        throw Failure.badData(
          "\(path) gives \"\(text)\" the id \(number), but vocab.json has it otherwise, or it is empty; take the files of "
            + "one tokenizer.")
      }
      let isSpecial = marks?.texts.contains(text) == true
      return AddedToken(id: id, text: text, isSpecial: isSpecial, isNormalized: !isSpecial)
    }
  }

  /// All tokens that `special_tokens_map.json` names: a token is a string or an object with its content, and a role
  /// has one or a list.
  private struct Marks: Decodable {
    let texts: [String]

    init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        texts = [text]
      } else if let list = try? decoder.singleValueContainer().decode([Marks].self) {
        texts = list.flatMap(\.texts)
      } else {
        let roles = try? decoder.singleValueContainer().decode([String: Marks].self)
        texts = roles?.values.flatMap(\.texts) ?? []
      }
    }
  }

  private static func readMerges(_ path: String, ids: [String: Int]) throws -> [Merge] {
    guard let text = String(data: try TokenizerDirectory.read(path), encoding: .utf8) else {
      throw Failure.badData("\(path) is not UTF-8 text; expected two tokens on each line; restore the file.")
    }
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var merges: [Merge] = []
    for (number, line) in lines.enumerated() {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if line.isEmpty || line.starts(with: mergesHeader.utf8) { continue }
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map {
        String($0) ?? ""
      }
      guard parts.count == 2, let merge = Merge(parts[0], parts[1], in: ids)
      else {
        throw Failure.badData(
          "\(path), line \(number + 1): \"\(Substring(line))\" is not a merge; expected two tokens with a "
            + "space between them that vocab.json has, joined too; take both files of one tokenizer."
        )
      }
      merges.append(merge)
    }
    return merges
  }
}
