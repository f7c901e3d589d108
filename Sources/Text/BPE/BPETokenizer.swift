import Foundation
import Support

/// Byte-level BPE (Radford et al., 2019, section 2.2), as of GPT-2, Llama 3, Qwen2 and SmolLM2: text to token ids and back.
///
/// The ids are those of Hugging Face's `tokenizers` 0.23 for any string; for GPT-2's files, of its `GPT2Tokenizer`
/// (`add_prefix_space=False`).
public struct BPETokenizer: Tokenizer {
  public let endOfText: Int32
  public let beginOfText: Int32?
  /// Every text is bytes, and every byte is a token, or is left out where the vocabulary lacks it.
  public var unknown: Int32? { nil }
  public let fingerprint: Fingerprint

  private let vocabulary: Vocabulary
  private let bytesOfToken: [[UInt8]]
  /// -1 for a byte that has no token.
  private let tokenOfByte: [Int32]
  private let lacksBytes: Bool
  /// What is looked for in a text, one search within what the one before leaves: of all added tokens, and of those that
  /// are no marks.
  private let allTokens: [AddedTokenSearch]
  private let words: [AddedTokenSearch]
  private let merges: MergeTable
  private let rules: BPERules
  /// The words that are one token. Most words of a caption are; the others are merged.
  private let wholeWords: [ArraySlice<UInt8>: Int32]

  /// Reads `tokenizer.json`, or else `vocab.json`, `merges.txt` and `added_tokens.json`, in the formats of Hugging Face.
  ///
  /// The token that ends a text is the `eos_token` of `tokenizer_config.json`, `special_tokens_map.json` or
  /// `generation_config.json`, or else `<|endoftext|>`; the one that begins it is their `bos_token`.
  ///
  /// - Throws: `Failure.badData` when a file cannot be read or parsed, when the ids are not 0..<n, each once, when a
  ///   merge's part or result or the end of text is not in the vocabulary, by GPT-2's rules when one of the 256 byte
  ///   symbols is not, and when something else is done to a text than this type does.
  public init(directory: String) throws {
    self.init(try Vocabulary(directory: directory))
  }

  /// Reads a `tokenizer.json`, and which tokens begin and end a text from the files beside it.
  ///
  /// - Throws: `Failure.badData` as for a directory.
  public init(tokenizerJSON path: String) throws {
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    self.init(try Vocabulary(tokenizerJSON: path, roles: TokenizerRoles(directory: directory)))
  }

  init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    fingerprint = vocabulary.fingerprint
    // A token with a character that stands for no byte is a special one: it means its own UTF-8.
    bytesOfToken = vocabulary.tokens.map { ByteToUnicode.bytes(of: $0) ?? Array($0.utf8) }
    let ids = [String: Int32](zip(vocabulary.tokens, 0...), uniquingKeysWith: { first, _ in first })
    endOfText = vocabulary.endOfText
    beginOfText = vocabulary.beginOfText
    rules = vocabulary.rules
    let end = AddedToken(id: endOfText, text: vocabulary.tokens[Int(endOfText)])
    let added = vocabulary.addedTokens + [end]
    let searches = { [rules] (tokens: [AddedToken]) in
      [
        AddedTokenSearch(tokens.filter { !$0.isNormalized }),
        AddedTokenSearch(tokens.filter(\.isNormalized).map { $0.normalized(rules) }),
      ]
    }
    allTokens = searches(added)
    words = searches(added.filter { !$0.isSpecial })
    let tokenOfByte = ByteToUnicode.scalars.map { ids[String($0)] ?? -1 }
    let merges = MergeTable(vocabulary.merges)
    let special = Set(added.filter(\.isSpecial).map(\.id))
    var wholeWords: [ArraySlice<UInt8>: Int32] = [:]
    for (id, bytes) in zip(Int32(0)..., bytesOfToken) {
      let isWhole =
        rules.ignoresMerges
        ? !special.contains(id) && ByteToUnicode.bytes(of: vocabulary.tokens[Int(id)]) != nil
        : merges.merged(bytes.map { tokenOfByte[Int($0)] }) == [id]
      if isWhole { wholeWords[bytes[...]] = id }
    }
    lacksBytes = tokenOfByte.contains(-1)
    self.tokenOfByte = tokenOfByte
    self.merges = merges
    self.wholeWords = wholeWords
  }

  /// Writes `vocab.json` and `merges.txt`, and where tokens were added `tokenizer.json`; of other rules than GPT-2's
  /// `tokenizer.json` and `tokenizer_config.json`.
  public func save(to directory: String) throws { try vocabulary.save(to: directory) }

  public func saveJSON(to directory: String) throws { try vocabulary.saveJSON(to: directory) }

  public var vocabularySize: Int { vocabulary.tokens.count }

  public var mergeCount: Int { vocabulary.merges.count }

  /// As `vocab.json` spells it: "Ġ" is a space.
  public func token(_ id: Int32) -> String? {
    vocabulary.tokens.indices.contains(Int(id)) ? vocabulary.tokens[Int(id)] : nil
  }

  public func encode(_ text: String, specialTokens: SpecialTokens) -> [Int32] {
    let searches = specialTokens == .parse ? allTokens : words
    var ids: [Int32] = []
    searches[0].cut(
      Array(text.utf8)[...],
      text: { rest in
        searches[1].cut(rules.normalized(rest), text: { encode($0, into: &ids) }, token: { ids.append($0) })
      }, token: { ids.append($0) })
    return ids
  }

  private func encode(_ utf8: ArraySlice<UInt8>, into ids: inout [Int32]) {
    rules.preTokenizer.cut(utf8) { word in
      if let id = wholeWords[word] {
        ids.append(id)
        return
      }
      var bytes = word.map { tokenOfByte[Int($0)] }
      if lacksBytes { bytes.removeAll { $0 < 0 } }
      ids += merges.merged(bytes)
    }
  }

  /// With U+FFFD in the place of bytes that are not UTF-8 (`errors="replace"`).
  public func decode(_ ids: some Sequence<Int32>) -> String {
    var utf8: [UInt8] = []
    for id in ids where bytesOfToken.indices.contains(Int(id)) { utf8 += bytesOfToken[Int(id)] }
    return String(decoding: utf8, as: UTF8.self)
  }
}

extension AddedToken {
  /// As it is found in a normalized text.
  fileprivate func normalized(_ rules: BPERules) -> AddedToken {
    let text = String(decoding: rules.normalized(Array(text.utf8)[...]), as: UTF8.self)
    return AddedToken(id: id, text: text, isSpecial: isSpecial, isNormalized: isNormalized)
  }
}
