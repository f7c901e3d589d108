import Essentials
import Foundation
import Storage

/// The formats of files of captions.
public enum CaptionFormat: String, CaseIterable, Sendable {
  /// Whichever of the others the content shows.
  case auto
  /// The JSON of Karpathy's splits: `images`, each with `filename`, `split` and `sentences`.
  case karpathy
  /// COCO's JSON: `images` and `annotations`, or a bare list of annotations.
  case coco
  /// Flickr's `token.txt`: `image.jpg#0`, a tab, the caption.
  case flickr
  /// `image,caption`, with or without a header, quoted as RFC 4180 has it.
  case csv
}

/// A file of captions.
struct CaptionFile {
  let path: String
  let images: [CaptionedImage]
}

extension CaptionFile {
  /// Throws `Failure.badData` when the file cannot be read, and `Failure.usage` when it is not Karpathy's and
  /// there are options for his.
  init(path: String, format: CaptionFormat, karpathy: KarpathyOptions) throws {
    let bytes = try Data(mapping: path)
    let format = format == .auto ? Self.format(of: bytes) : format
    guard format == .karpathy || karpathy == KarpathyOptions() else {
      throw Failure.usage(
        "\(path) is read as \(format), and --caption-field and --keep-restval are for Karpathy's JSON; leave "
          + "them out."
      )
    }
    let images =
      switch format {
      case .karpathy: try KarpathyCaptions.images(in: bytes, path: path, options: karpathy)
      case .coco: try COCOCaptions.images(in: bytes, path: path)
      case .flickr: try FlickrCaptions.images(in: bytes, path: path)
      case .csv, .auto: try CSVCaptions.images(in: bytes, path: path)
      }
    self.init(path: path, images: images)
  }

  private static func format(of bytes: Data) -> CaptionFormat {
    let start = bytes.first { !isBlank($0) }
    if start == UInt8(ascii: "{") || start == UInt8(ascii: "[") {
      return hasKey("sentences", bytes) ? .karpathy : .coco
    }
    return FlickrCaptions.recognizes(bytes) ? .flickr : .csv
  }

  /// Whether an object in a JSON text has the key, which may also occur as a value.
  private static func hasKey(_ key: String, _ json: Data) -> Bool {
    var rest = json
    while let found = rest.range(of: Data("\"\(key)\"".utf8)) {
      rest = rest[found.upperBound...]
      if rest.first(where: { !isBlank($0) }) == UInt8(ascii: ":") { return true }
    }
    return false
  }

  private static func isBlank(_ byte: UInt8) -> Bool { " \t\r\n".utf8.contains(byte) }
}

/// The text of a file in UTF-8, without a byte order mark.
func text(of bytes: Data, path: String) throws -> String {
  let byteOrderMark = Data([0xEF, 0xBB, 0xBF])
  guard
    let text = String(
      validating: bytes.starts(with: byteOrderMark) ? bytes.dropFirst(3) : bytes, as: UTF8.self)
  else { throw Failure.badData("\(path) is not text in UTF-8; convert it, for example with iconv -t UTF-8.") }
  return text
}
