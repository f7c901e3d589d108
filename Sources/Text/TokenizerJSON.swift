import Foundation
import Support

/// What the readers of Hugging Face's `tokenizer.json` share: the one file that transformers 5 saves, with a vocabulary,
/// the tokens that were added to it, and what is done to a text before and after.
enum TokenizerJSON {
  static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: TokenizerDirectory.read(path))
    } catch let error as DecodingError {
      throw Failure.badData(
        "\(path) is not a tokenizer.json of words or of byte-level BPE: \(error.inWords); save the tokenizer again."
      )
    }
  }

  /// A token that is cut out of texts as it is written.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  struct Added: Codable {
    let id: Int
    let content: String
    var special: Bool?
    var normalized: Bool?
    var single_word: Bool? = false
    var lstrip: Bool? = false
    var rstrip: Bool? = false

    init(_ token: AddedToken) {
      (id, content) = (Int(token.id), token.text)
      (special, normalized) = (token.isSpecial, token.isNormalized)
    }

    /// Gives the token its id in `ids`, too.
    /// - Parameter path: of the file, for messages.
    /// - Throws: `Failure.badData` when it is cut out in another way, or has another id there.
    func token(addedTo ids: inout [String: Int], _ path: String) throws -> AddedToken {
      let odd = [("single_word", single_word), ("lstrip", lstrip), ("rstrip", rstrip)].first { $0.1 == true }
      if let odd {
        throw Failure.badData(
          "\(path) adds the token \"\(content)\" with \(odd.0), which Capstan does not read; save the tokenizer "
            + "without it.")
      }
      guard !content.isEmpty, ids.updateValue(id, forKey: content) ?? id == id,
        let number = Int32(exactly: id)
      else {
        throw Failure.badData(
          "\(path) adds the token \"\(content)\" with the id \(id), but its vocabulary has it otherwise, or it is empty; "
            + "save the tokenizer again.")
      }
      return AddedToken(
        id: number, text: content, isSpecial: special ?? false, isNormalized: normalized ?? false)
    }
  }

  /// The tokens in the order of their ids.
  /// - Throws: `Failure.badData` when the ids are not 0..<n, each once.
  static func tokens(byID ids: [String: Int], path: String) throws -> [String] {
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
}

extension DecodingError {
  /// Where the file is otherwise than expected.
  fileprivate var inWords: String {
    switch self {
    case .keyNotFound(let key, _): "it has no \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "it is no JSON object"
        : "\(context.codingPath.map(\.stringValue).joined(separator: ".").prefix(80)) is not as it should be"
    @unknown default: "it is not as it should be"
    }
  }
}
