import Foundation
import Support

/// Byte-level BPE (Radford et al., 2019, section 2.2) as GPT-2, Llama 3, Qwen2 and SmolLM have it: text to token ids and
/// back.
///
/// The ids are those of Hugging Face's `tokenizers` for any string, without the tokens that a template puts around it.
public struct BPETokenizer: Tokenizer {
  public let endOfText: Int32
  /// Every text is bytes, and every byte is a token.
  public var unknown: Int32? { nil }
  public let fingerprint: Fingerprint

  private let vocabulary: Vocabulary
  private let bytesOfToken: [[UInt8]]
  /// Nil of a byte that the vocabulary lacks.
  private let tokenOfByte: [Int32?]
  /// What is looked for in a text, one search within what the one before leaves: of all added tokens, and of those that
  /// are no marks.
  private let allTokens: [AddedTokenSearch]
  private let words: [AddedTokenSearch]
  private let merges: MergeTable
  /// The words that are one token. Most words of a caption are; the others are merged.
  private let wholeWords: [ArraySlice<UInt8>: Int32]

  /// Reads `tokenizer.json`, or else `vocab.json`, `merges.txt` and `added_tokens.json`, in the formats of Hugging Face.
  ///
  /// - Throws: `Failure.badData` when a file cannot be read or parsed, when the ids are not 0..<n, each once,
  ///   and when a merge's part or result, one of the 256 byte symbols or `<|endoftext|>` is not in the
  ///   vocabulary.
  public init(directory: String) throws {
    self.init(try Vocabulary(directory: directory))
  }

  /// Reads a `tokenizer.json`.
  ///
  /// - Throws: `Failure.badData` when it is not byte-level BPE as GPT-2 has it.
  public init(tokenizerJSON path: String) throws { self.init(try Vocabulary(tokenizerJSON: path)) }

  /// - Parameter vocabulary: with every byte symbol and the end of text.
  init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    fingerprint = vocabulary.fingerprint
    // A token with a character that stands for no byte is a special one: it means its own UTF-8.
    bytesOfToken = vocabulary.tokens.map { ByteToUnicode.bytes(of: $0) ?? Array($0.utf8) }
    let ids = [String: Int32](zip(vocabulary.tokens, 0...), uniquingKeysWith: { first, _ in first })
    endOfText = ids[vocabulary.endToken] ?? 0
    let added = vocabulary.addedTokens + [AddedToken(id: endOfText, text: vocabulary.endToken)]
    let searches = { (tokens: [AddedToken]) in
      [false, true].map { normalized in AddedTokenSearch(tokens.filter { $0.isNormalized == normalized }) }
    }
    allTokens = searches(added)
    words = searches(added.filter { !$0.isSpecial })
    let tokenOfByte = ByteToUnicode.scalars.map { ids[String($0)] }
    let merges = MergeTable(vocabulary.merges)
    var wholeWords: [ArraySlice<UInt8>: Int32] = [:]
    for (id, bytes) in zip(Int32(0)..., bytesOfToken) {
      if vocabulary.rules.ignoresMerges || merges.merged(bytes.compactMap { tokenOfByte[Int($0)] }) == [id] {
        wholeWords[bytes[...]] = id
      }
    }
    self.tokenOfByte = tokenOfByte
    self.merges = merges
    self.wholeWords = wholeWords
  }

  /// Writes `vocab.json` and `merges.txt`, and where tokens were added `tokenizer.json`; of other rules than GPT-2's that
  /// alone, with `tokenizer_config.json`.
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
        searches[1].cut(normalized(rest), text: { encode($0, into: &ids) }, token: { ids.append($0) })
      }, token: { ids.append($0) })
    return ids
  }

  private func normalized(_ utf8: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard vocabulary.rules.normalizesToNFC, !utf8.allSatisfy({ $0 < 0x80 }) else { return utf8 }
    return Array(String(decoding: utf8, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8)[...]
  }

  private func encode(_ utf8: ArraySlice<UInt8>, into ids: inout [Int32]) {
    vocabulary.rules.preTokenization.forEachWord(of: utf8) { word in
      if let id = wholeWords[word] {
        ids.append(id)
      } else {
        ids += merges.merged(word.compactMap { tokenOfByte[Int($0)] })
      }
    }
  }

  /// With U+FFFD in the place of bytes that are not UTF-8 (`errors="replace"`).
  public func decode(_ ids: some Sequence<Int32>) -> String {
    var utf8: [UInt8] = []
    for id in ids where bytesOfToken.indices.contains(Int(id)) { utf8 += bytesOfToken[Int(id)] }
    return String(decoding: utf8, as: UTF8.self)
  }
}
