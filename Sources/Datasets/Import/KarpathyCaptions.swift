import Essentials
import Foundation

/// What to take from the JSON of Karpathy's splits.
public struct KarpathyOptions: Equatable, Sendable {
  public enum Field: String, CaseIterable, Sendable {
    /// The sentence as its author wrote it.
    case raw
    /// Its words in lower case without punctuation, joined by spaces.
    case tokens
  }

  public var field = Field.raw
  /// Whether `restval`, the validation images of COCO that are in neither `val` nor `test`, stays a split of
  /// its own; otherwise they belong to `train`, as is usual.
  public var keepsRestval = false

  public init() {}
}

/// The JSON that Karpathy made for his splits of COCO, Flickr8k and Flickr30k (`dataset_*.json`).
enum KarpathyCaptions {
  private struct File: Decodable {
    let images: [Image]
  }

  private struct Image: Decodable {
    let filename: String
    /// COCO's image id, which only COCO's file has.
    let cocoid: Int?
    let imgid: Int?
    let split: String?
    let sentences: [Sentence]
  }

  private struct Sentence: Decodable {
    let raw: String?
    let tokens: [String]?
  }

  static func images(in bytes: Data, path: String, options: KarpathyOptions) throws -> [CaptionedImage] {
    try decode(File.self, from: bytes, as: "the JSON of Karpathy's splits", path: path).images.map { image in
      CaptionedImage(
        names: CaptionedImage.names(
          ofFile: image.filename, number: (image.cocoid ?? image.imgid).map(String.init)),
        split: image.split == "restval" && !options.keepsRestval ? "train" : image.split,
        captions: try image.sentences.map { sentence in
          let caption = options.field == .raw ? sentence.raw : sentence.tokens?.joined(separator: " ")
          guard let caption else {
            throw Failure.badData(
              "\(path) has a sentence without \"\(options.field.rawValue)\" for image \(image.filename); "
                + "choose the other field with --caption-field.")
          }
          return caption
        })
    }
  }
}

/// Decodes a file of JSON, saying where it is not what it should be.
func decode<File: Decodable>(_ type: File.Type, from bytes: Data, as format: String, path: String) throws
  -> File
{
  do { return try JSONDecoder().decode(type, from: bytes) } catch let error as DecodingError {
    let (finding, place) =
      switch error {
      case .keyNotFound(let key, let context): ("has no \"\(key.stringValue)\"", context.codingPath)
      case .typeMismatch(_, let context): ("is of another type", context.codingPath)
      case .valueNotFound(_, let context): ("is null", context.codingPath)
      case .dataCorrupted(let context): ("is not valid JSON", context.codingPath)
      @unknown default: ("cannot be read", [])
      }
    let keys = place.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    throw Failure.badData(
      "\(path) is not \(format): \(keys.isEmpty ? "the file" : "its \(keys.drop { $0 == "." })") "
        + "\(finding); check that it is the right file, and in the format that is expected.")
  }
}
