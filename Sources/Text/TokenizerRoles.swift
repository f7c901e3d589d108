import Foundation
import Support

/// Which tokens begin and end a text, as the files beside a tokenizer say: of `tokenizer_config.json`,
/// `special_tokens_map.json` and `generation_config.json` the first that names one.
struct TokenizerRoles {
  /// A token by its text or its id, and the file that names it.
  struct Role {
    let name: Name
    let path: String

    enum Name { case text(String), id(Int) }
  }

  var begin: Role?
  var end: Role?

  init(begin: Role? = nil, end: Role? = nil) { (self.begin, self.end) = (begin, end) }

  /// - Throws: `Failure.badData` when a file is there but is no JSON object with such roles.
  init(directory: String) throws {
    let names = [
      TokenizerDirectory.configuration, TokenizerDirectory.specialTokens, "generation_config.json",
    ]
    for name in names {
      let path = "\(directory)/\(name)"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      let file: File
      do {
        file = try JSONDecoder().decode(File.self, from: TokenizerDirectory.read(path))
      } catch is DecodingError {
        throw Failure.badData(
          "\(path) does not name the tokens that begin and end a text as Hugging Face does, {\"eos_token\": \"…\"}; restore "
            + "the file, or remove it.")
      }
      let role = { (text: Token?, id: ID?) in
        (text.map { .text($0.text) } ?? id?.first.map { .id($0) }).map { Role(name: $0, path: path) }
      }
      begin = begin ?? role(file.bos_token, file.bos_token_id)
      end = end ?? role(file.eos_token, file.eos_token_id)
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct File: Decodable {
    let bos_token: Token?
    let eos_token: Token?
    let bos_token_id: ID?
    let eos_token_id: ID?
  }

  /// A string, or an object with its content.
  private struct Token: Decodable {
    private enum CodingKeys: CodingKey { case content }
    let text: String

    init(from decoder: any Decoder) throws {
      text =
        try (try? decoder.singleValueContainer().decode(String.self))
        ?? decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .content)
    }
  }

  /// A number, or a list of them.
  private struct ID: Decodable {
    let first: Int?

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      first = try (try? value.decode(Int.self)) ?? value.decode([Int].self).first
    }
  }
}

extension TokenizerRoles.Role {
  /// The id of the token. An id that the vocabulary does not have is nil: it is of a model with another one.
  ///
  /// - Throws: `Failure.badData` when no token has the text.
  func id(in ids: [String: Int], as part: String) throws -> Int32? {
    switch name {
    case .id(let id): return ids.count > id && id >= 0 ? Int32(exactly: id) : nil
    case .text(let text):
      guard let id = ids[text].flatMap(Int32.init(exactly:)) else {
        throw Failure.badData(
          "\(path) names \"\(text)\" as the token that \(part) a text, but the vocabulary beside it does not have it; take the "
            + "files of one tokenizer.")
      }
      return id
    }
  }
}
