import Essentials
import Foundation

/// Hugging Face's two files: `vocab.json` (token → id) and `merges.txt` (two tokens for each merge, by rank).
extension Vocabulary {
  /// Reads and checks the files in `directory`.
  ///
  /// - Throws: `Failure.badData` when a file cannot be read or parsed, when the ids are not 0..<n, each once,
  ///   and when a merge's part or result, one of the 256 byte symbols or the end of text is not in the
  ///   vocabulary.
  init(directory: String) throws {
    let vocabularyPath = Self.vocabularyPath(in: directory)
    let ids = try Self.readIDs(vocabularyPath)
    tokens = try Self.tokens(byID: ids, path: vocabularyPath)
    merges = try Self.readMerges(Self.mergesPath(in: directory), ids: ids)
    for token in ByteSymbols.scalars.map(String.init) + [Self.endOfText] where ids[token] == nil {
      throw Failure.badData(
        "\(vocabularyPath) has no token \"\(token)\"; a byte-level BPE vocabulary has the symbols of all 256 "
          + "bytes and \(Self.endOfText): take GPT-2's files or run `capstan tokenizer train`.")
    }
  }

  /// Writes both files, making the directory if need be. Hugging Face's `GPT2Tokenizer` reads them.
  func save(to directory: String) throws {
    try DurableFile.makeDirectory(directory)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    let entries = try tokens.enumerated().map { id, token in
      "\(String(decoding: try encoder.encode(token), as: UTF8.self)):\(id)"
    }
    try DurableFile.write(
      Data("{\(entries.joined(separator: ","))}".utf8), to: Self.vocabularyPath(in: directory))
    let lines = merges.map { "\(tokens[Int($0.pair.left)]) \(tokens[Int($0.pair.right)])\n" }
    try DurableFile.write(
      Data(("\(Self.mergesHeader): 0.2\n" + lines.joined()).utf8), to: Self.mergesPath(in: directory))
  }

  private static let mergesHeader = "#version"

  private static func vocabularyPath(in directory: String) -> String { "\(directory)/vocab.json" }
  private static func mergesPath(in directory: String) -> String { "\(directory)/merges.txt" }

  private static func read(_ path: String) throws -> Data {
    do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw Failure.badData(
        "\(path) cannot be read; a tokenizer is a directory with vocab.json and merges.txt, as of GPT-2 or "
          + "of `capstan tokenizer train`.")
    }
  }

  private static func readIDs(_ path: String) throws -> [String: Int] {
    do { return try JSONDecoder().decode([String: Int].self, from: read(path)) } catch is DecodingError {
      throw Failure.badData(
        "\(path) is not a vocabulary; expected one JSON object that gives each token its id, {\"!\": 0, …}.")
    }
  }

  private static func tokens(byID ids: [String: Int], path: String) throws -> [String] {
    var tokens = [String?](repeating: nil, count: ids.count)
    for (token, id) in ids {
      guard tokens.indices.contains(id), tokens[id] == nil else {
        throw Failure.badData(
          "\(path) gives \"\(token)\" the id \(id), but its \(ids.count) tokens must have the ids from 0 to "
            + "\(ids.count - 1), each once; restore the file.")
      }
      tokens[id] = token
    }
    return tokens.compactMap(\.self)
  }

  private static func readMerges(_ path: String, ids: [String: Int]) throws -> [Merge] {
    guard let text = String(data: try read(path), encoding: .utf8) else {
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
      guard parts.count == 2, let left = ids[parts[0]], let right = ids[parts[1]],
        let result = ids[parts[0] + parts[1]]
      else {
        throw Failure.badData(
          "\(path), line \(number + 1): \"\(Substring(line))\" is not a merge; expected two tokens with a "
            + "space between them that vocab.json has, joined too; take both files of one tokenizer."
        )
      }
      merges.append(Merge(pair: TokenPair(Int32(left), Int32(right)), result: Int32(result)))
    }
    return merges
  }
}
