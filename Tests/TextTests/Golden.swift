import Foundation
import Support

@testable import Text

/// What Hugging Face's tokenizers gave, written by `Golden/make_golden.py`.
enum Golden {
  static func path(_ name: String) -> String { Bundle.module.bundlePath + "/Golden/" + name }

  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  static func json<Value: Decodable>(_ name: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// `small.json`, `gpt2.json`: the ids of one tokenizer.
  struct Ids: Decodable {
    struct Case: Decodable {
      let text: String
      let ids: [Int32]
      let plain: [Int32]
    }
    struct Long: Decodable {
      let piece: String
      let times: Int
      let digest: String
    }
    let fingerprint: String
    let cases: [Case]
    let long: [Long]
    /// Of the ids of each of `strings.json`.
    let digests: [String]
  }

  /// `decoded.json`
  struct Decoded: Decodable {
    let ids: [Int32]
    let text: String
  }

  /// `flickr8k.json`
  struct Flickr8k: Decodable {
    let captions: Int
    let gpt2Ids: String
    /// Fingerprints by vocabulary size.
    let trained: [String: String]
    let exhausted: Int
  }
}

/// SHA-256 of ids as 32-bit little-endian numbers.
func digest(_ ids: [Int32]) -> String {
  Fingerprint(of: Data(ids.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) })).description
}

/// The data beside the project; tests that need it are skipped where it is not.
enum SharedData {
  static let path = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../shared/data")
    .standardized.path
  static let exists = FileManager.default.fileExists(atPath: path)

  private struct Dataset: Decodable {
    struct Image: Decodable {
      struct Sentence: Decodable { let raw: String }
      let split: String
      let sentences: [Sentence]
    }
    let images: [Image]
  }

  /// Flickr8k's captions, of all splits or of one.
  static func flickr8kCaptions(split: String? = nil) throws -> [String] {
    let json = try Data(contentsOf: URL(fileURLWithPath: path + "/flickr8k/dataset_flickr8k.json"))
    let images = try JSONDecoder().decode(Dataset.self, from: json).images
    return images.filter { split == nil || $0.split == split }.flatMap { $0.sentences.map(\.raw) }
  }
}
