import Essentials

/// GPT-2's byte-level BPE (Radford et al., 2019, section 2.2): text to token ids and back.
///
/// The ids are those of Hugging Face's `GPT2Tokenizer` (`add_prefix_space=False`) for any string. A tokenizer
/// does not change once it is made, so threads share one freely.
public struct Tokenizer: Sendable {
  /// What to do with the characters `<|endoftext|>` in a text.
  public enum SpecialTokens: Sendable {
    /// They are the end-of-text token, as Hugging Face has it.
    case parse
    /// They are text like any other: for text that somebody else wrote and that must not end a caption.
    case plain
  }

  /// The id of `<|endoftext|>`.
  public let endOfText: Int32
  /// Tells vocabularies apart: equal for equal tokens and merges, however the files are formatted.
  public let fingerprint: Fingerprint

  private let vocabulary: Vocabulary
  private let bytesOfToken: [[UInt8]]
  private let tokenOfByte: [Int32]
  private let merges: MergeTable
  /// The words that are one token. Most words of a caption are; the others are merged.
  private let wholeWords: [ArraySlice<UInt8>: Int32]

  /// Reads `vocab.json` and `merges.txt` in the formats of Hugging Face.
  ///
  /// - Throws: `Failure.badData` when a file cannot be read or parsed, when the ids are not 0..<n, each once,
  ///   and when a merge's part or result, one of the 256 byte symbols or `<|endoftext|>` is not in the
  ///   vocabulary.
  public init(directory: String) throws {
    self.init(try Vocabulary(directory: directory))
  }

  /// - Parameter vocabulary: with every byte symbol and the end of text.
  init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    fingerprint = vocabulary.fingerprint
    // A token with a character that stands for no byte is a special one: it means its own UTF-8.
    bytesOfToken = vocabulary.tokens.map { ByteSymbols.bytes(of: $0) ?? Array($0.utf8) }
    let ids = [String: Int32](zip(vocabulary.tokens, 0...), uniquingKeysWith: { first, _ in first })
    endOfText = ids[Vocabulary.endOfText] ?? 0
    let tokenOfByte = ByteSymbols.scalars.map { ids[String($0)] ?? 0 }
    let merges = MergeTable(vocabulary.merges)
    var wholeWords: [ArraySlice<UInt8>: Int32] = [:]
    for (id, bytes) in zip(Int32(0)..., bytesOfToken) {
      if merges.merged(bytes.map { tokenOfByte[Int($0)] }) == [id] { wholeWords[bytes[...]] = id }
    }
    self.tokenOfByte = tokenOfByte
    self.merges = merges
    self.wholeWords = wholeWords
  }

  /// Writes `vocab.json` and `merges.txt`, which Hugging Face's `GPT2Tokenizer` reads, into `directory`,
  /// which is made if need be.
  public func save(to directory: String) throws { try vocabulary.save(to: directory) }

  public var vocabularySize: Int { vocabulary.tokens.count }

  public var mergeCount: Int { vocabulary.merges.count }

  /// The token with the id as `vocab.json` spells it ("Ġ" is a space); nil when no token has it.
  public func token(_ id: Int32) -> String? {
    vocabulary.tokens.indices.contains(Int(id)) ? vocabulary.tokens[Int(id)] : nil
  }

  /// The token ids of a text; no end of text is added.
  public func encode(_ text: String, specialTokens: SpecialTokens = .parse) -> [Int32] {
    let utf8 = Array(text.utf8)
    let mark = Vocabulary.endOfText.utf8
    var ids: [Int32] = []
    var start = 0
    if specialTokens == .parse {
      for i in utf8.indices where utf8[i] == mark.first && utf8[i...].starts(with: mark) {
        encode(utf8[start..<i], into: &ids)
        ids.append(endOfText)
        start = i + mark.count
      }
    }
    encode(utf8[start...], into: &ids)
    return ids
  }

  private func encode(_ utf8: ArraySlice<UInt8>, into ids: inout [Int32]) {
    for word in Words(of: utf8) {
      if let id = wholeWords[word] {
        ids.append(id)
      } else {
        ids += merges.merged(word.map { tokenOfByte[Int($0)] })
      }
    }
  }

  /// The text of token ids, with U+FFFD in the place of bytes that are not UTF-8 (`errors="replace"`). Ids
  /// that the vocabulary does not have are passed over.
  public func decode(_ ids: some Sequence<Int32>) -> String {
    var utf8: [UInt8] = []
    for id in ids where bytesOfToken.indices.contains(Int(id)) { utf8 += bytesOfToken[Int(id)] }
    return String(decoding: utf8, as: UTF8.self)
  }
}
