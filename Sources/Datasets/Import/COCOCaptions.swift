import Essentials
import Foundation

/// COCO's `captions_*.json`, or a bare list of its annotations: ClipCap's `train_caption.json` and the form
/// that captions are scored in.
enum COCOCaptions {
  private struct File: Decodable {
    let images: [Image]
    let annotations: [Annotation]
  }

  private struct Image: Decodable {
    let id: Identifier
    let fileName: String

    enum CodingKeys: String, CodingKey {
      case id
      case fileName = "file_name"
    }
  }

  private struct Annotation: Decodable {
    let image: Identifier
    let caption: String

    enum CodingKeys: String, CodingKey {
      case image = "image_id"
      case caption
    }
  }

  /// A number in COCO's own files, and often a string in others.
  struct Identifier: Decodable {
    let description: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      description = try (try? value.decode(Int.self)).map(String.init) ?? value.decode(String.self)
    }
  }

  static func images(in bytes: Data, path: String) throws -> [CaptionedImage] {
    let isBareList = bytes.first { "{[".utf8.contains($0) } == UInt8(ascii: "[")
    if isBareList {
      let annotations = try decode(
        [Annotation].self, from: bytes, as: "a list of COCO's annotations", path: path)
      return CaptionedImage.grouped(annotations.map { ($0.image.description, $0.caption) })
    }
    let file = try decode(File.self, from: bytes, as: "COCO's JSON", path: path)
    let captions = Dictionary(grouping: file.annotations, by: \.image.description)
    let known = Set(file.images.map(\.id.description))
    if let stray = captions.keys.filter({ !known.contains($0) }).min() {
      throw Failure.badData(
        "\(path) has a caption for image \(stray), which is not among its images; add the image or remove "
          + "the caption."
      )
    }
    return file.images.map { image in
      CaptionedImage(
        names: CaptionedImage.names(ofFile: image.fileName, number: image.id.description), split: nil,
        captions: captions[image.id.description, default: []].map(\.caption))
    }
  }
}
