import FileFormats
import Foundation
import Support

/// A directory with a tokenizer's files, of whichever kind, or a GGUF file that carries one.
public enum TokenizerDirectory {
  /// All names that the files may have.
  public static let fileNames = [vocabulary, merges, json, addedTokens, configuration, specialTokens]

  static let vocabulary = "vocab.json"
  static let merges = "merges.txt"
  static let json = "tokenizer.json"
  static let addedTokens = "added_tokens.json"
  /// What `transformers` needs to know beside tokenizer.json.
  static let configuration = "tokenizer_config.json"
  /// Which tokens mean what, in files of transformers before version 5.
  static let specialTokens = "special_tokens_map.json"

  /// Reads `tokenizer.json` of a word or a byte-level BPE vocabulary, or else `vocab.json`, `merges.txt` and
  /// `added_tokens.json`, in the formats of Hugging Face.
  ///
  /// - Throws: `Failure.badData` when a file cannot be read or parsed, or is of another kind of tokenizer.
  public static func open(_ directory: String) throws -> any Tokenizer {
    if try GGUFFile.isGGUF(directory) { return try BPETokenizer(GGUFFile(path: directory)) }
    let path = "\(directory)/\(json)"
    return FileManager.default.fileExists(atPath: path)
      ? try open(tokenizerJSON: path) : try BPETokenizer(directory: directory)
  }

  /// Reads a `tokenizer.json`.
  public static func open(tokenizerJSON path: String) throws -> any Tokenizer {
    let file = try TokenizerJSON.decode(Kind.self, path)
    return file.model.type == WordTokenizer.modelType
      ? try WordTokenizer(tokenizerJSON: path) : try BPETokenizer(tokenizerJSON: path)
  }

  /// Whether a directory, or a GGUF file, has a tokenizer.
  public static func isIn(_ directory: String) -> Bool {
    (try? GGUFFile.isGGUF(directory)) == true
      || [json, vocabulary].contains { FileManager.default.fileExists(atPath: "\(directory)/\($0)") }
  }

  /// Removes a tokenizer's files with other names than those in `kept`.
  static func removeFiles(besides kept: [String], in directory: String) {
    for name in fileNames where !kept.contains(name) {
      try? FileManager.default.removeItem(atPath: "\(directory)/\(name)")
    }
  }

  static func read(_ path: String) throws -> Data {
    do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw Failure.badData(
        "\(path) cannot be read; a tokenizer is a directory with tokenizer.json, or vocab.json and merges.txt, as of "
          + "GPT-2 or of `capstan tokenizer train`.")
    }
  }

  private struct Kind: Decodable {
    struct Model: Decodable { let type: String? }
    let model: Model
  }
}
