import Foundation
import Support

/// Whole words, as image captioners had them before BPE: a text is lower-cased and cut at white space, and each word is a
/// token, or the unknown one where the vocabulary lacks it.
///
/// The ids are those of Hugging Face's `tokenizers` for any string.
public struct WordTokenizer: Tokenizer {
  /// As the vocabulary spells the unknown token.
  static let unknownWord = "<unk>"

  public let endOfText: Int32
  public let fingerprint: Fingerprint
  public var unknown: Int32? { unknownID }

  private let unknownID: Int32
  /// By id.
  private let words: [String]
  private let ids: [ArraySlice<UInt8>: Int32]
  private let specialTokens: AddedTokenSearch
  private let specialIDs: Set<Int32>

  /// Reads a `tokenizer.json`.
  ///
  /// - Throws: `Failure.badData` when it is not a word vocabulary with the normalizer and the pre-tokenizer of this type.
  public init(tokenizerJSON path: String) throws {
    let (words, unknown) = try Self.read(path)
    guard let endOfText = words.firstIndex(of: Vocabulary.endOfText) else {
      throw Failure.badData(
        "\(path) has no token \"\(Vocabulary.endOfText)\", which ends a caption; add it, or make a vocabulary with "
          + "`capstan tokenizer train --words`.")
    }
    self.init(words, endOfText: endOfText, unknown: unknown)
  }

  /// - Parameters:
  ///   - words: by id, each once.
  ///   - endOfText: an id.
  ///   - unknown: an id.
  init(_ words: [String], endOfText: Int, unknown: Int) {
    self.words = words
    self.endOfText = Int32(endOfText)
    unknownID = Int32(unknown)
    ids = Dictionary(zip(words.map { Array($0.utf8)[...] }, 0...)) { first, _ in first }
    specialIDs = [self.endOfText, unknownID]
    specialTokens = AddedTokenSearch(specialIDs.map { AddedToken(id: $0, text: words[Int($0)]) })
    fingerprint = Self.fingerprint(of: words, marks: [self.endOfText, unknownID])
  }

  public var vocabularySize: Int { words.count }

  public func token(_ id: Int32) -> String? { words.indices.contains(Int(id)) ? words[Int(id)] : nil }

  /// As plain text, what spells a special token is an unknown word.
  public func encode(_ text: String, specialTokens handling: SpecialTokens) -> [Int32] {
    var found: [Int32] = []
    let utf8 = Array(text.utf8)[...]
    switch handling {
    case .plain:
      for word in WordSplitter.words(of: utf8) {
        let id = ids[word] ?? unknownID
        found.append(specialIDs.contains(id) ? unknownID : id)
      }
    case .parse:
      specialTokens.cut(
        utf8, text: { found += WordSplitter.words(of: $0).map { ids[$0] ?? unknownID } },
        token: { found.append($0) })
    }
    return found
  }

  /// The words with a space between them.
  public func decode(_ ids: some Sequence<Int32>) -> String {
    ids.compactMap { token($0) }.joined(separator: " ")
  }

  public func saveJSON(to directory: String) throws { try save(to: directory) }

  public func save(to directory: String) throws {
    try DurableFile.makeDirectory(directory)
    try writeJSON(words, special: specialIDs.sorted(), unknown: unknownID, to: directory)
    TokenizerDirectory.removeFiles(
      besides: [TokenizerDirectory.json, TokenizerDirectory.configuration], in: directory)
  }

  /// The digest of the words in the order of their ids, as `Vocabulary` has it, then -1 where a BPE vocabulary has the
  /// number of its merges, then the two marks' ids.
  private static func fingerprint(of words: [String], marks: [Int32]) -> Fingerprint {
    var bytes = Data()
    func append(_ number: Int32) { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
    append(Int32(words.count))
    for word in words {
      append(Int32(word.utf8.count))
      bytes.append(contentsOf: word.utf8)
    }
    append(-1)
    marks.forEach(append)
    return Fingerprint(of: bytes)
  }
}
