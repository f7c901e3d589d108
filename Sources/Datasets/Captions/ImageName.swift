import Foundation

/// What else may be written for the name of an image.
enum ImageName {
  /// Ways to write a name, the plainest first, each once: as it is, without its ending, without its folders, without
  /// both, and its number without leading zeros where it is one, as in `COCO_val2014_000000391895.jpg`.
  static func spellings(of name: String) -> [String] {
    let file = name.lastPathComponent
    let stem = file.withoutEnding
    var spellings = [name]
    for spelling in [name.withoutEnding, file, stem, number(in: stem) ?? stem]
    where !spellings.contains(spelling) {
      spellings.append(spelling)
    }
    return spellings
  }

  /// `00391` is 391, and so are `COCO_val2014_00391` and `coco_391`.
  private static func number(in stem: String) -> String? {
    let isCOCO =
      stem.utf8.prefix(5).elementsEqual("COCO_".utf8) || stem.utf8.prefix(5).elementsEqual("coco_".utf8)
    let digits = isCOCO ? stem.split(separator: "_").last ?? "" : stem[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    let number = digits.drop { $0 == "0" }
    return number.isEmpty ? "0" : String(number)
  }

  /// Endings of files that images, and what is captioned like them, come in. What stands behind another point belongs
  /// to the name: `clip_1.5`, `2103.00020`.
  fileprivate static let endings: Set = [
    "jpg", "jpeg", "jpe", "png", "gif", "bmp", "webp", "tif", "tiff", "jp2", "ppm", "pgm", "heic", "avif",
    "svg",
    "wav", "mp3", "flac", "ogg", "mp4", "avi", "mkv", "mov", "webm", "npy", "npz", "pt", "txt",
  ]
}

extension String {
  /// Whether it ends as the name of a picture's file does.
  var hasEnding: Bool { withoutEnding.utf8.count < utf8.count }

  /// Without a known ending of files, such as `.jpg`.
  var withoutEnding: String {
    guard let point = utf8.lastIndex(of: UInt8(ascii: ".")), point != startIndex,
      utf8.distance(from: point, to: endIndex) <= 5,
      ImageName.endings.contains(self[utf8.index(after: point)...].lowercased())
    else { return self }
    return String(self[..<point])
  }

  /// What stands behind the last slash, of either kind.
  var lastPathComponent: String {
    guard let slash = utf8.lastIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }),
      case let rest = self[utf8.index(after: slash)...], !rest.isEmpty
    else { return self }
    return String(rest)
  }

  /// Without the white space around it.
  var trimmed: String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || 0x09...0x0D ~= $0 }
    guard let first = utf8.first, let last = utf8.last,
      first >= 0x80 || last >= 0x80 || isBlank(first) || isBlank(last)
    else { return self }
    return trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
