import Foundation
import Support

/// What `transformers` needs to know beside `tokenizer.json`: Hugging Face's `tokenizer_config.json`.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct TokenizerConfiguration: Encodable {
  let tokenizer_class = "PreTrainedTokenizerFast"
  let bos_token: String
  let eos_token: String
  let unk_token: String?
  let clean_up_tokenization_spaces = false

  init(_ endToken: String, unknown: String? = nil) {
    (bos_token, eos_token, unk_token) = (endToken, endToken, unknown)
  }

  /// The end token that the file of a directory names; nil: none, or there is no such file.
  static func endToken(in directory: String) throws -> String? {
    let path = "\(directory)/\(TokenizerDirectory.configuration)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let file = try? JSONDecoder().decode(Written.self, from: TokenizerDirectory.read(path)) else {
      throw Failure.badData("\(path) is no JSON object with a token as eos_token; download it again.")
    }
    return file.eos_token?.text
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Written: Decodable {
    let eos_token: Token?
  }

  /// A string, or an object with its content.
  private struct Token: Decodable {
    let text: String

    private enum CodingKeys: CodingKey { case content }

    init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        self.text = text
      } else {
        text = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .content)
      }
    }
  }
}
