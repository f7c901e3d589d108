import FileFormats
import Foundation
import Support

/// Flickr8k's and Flickr30k's `token.txt`: on each line an image file with the caption's number, a tab, the
/// caption, as in `1000268201_693b08cb0e.jpg#0	A child is climbing up a set of stairs .`
enum FlickrCaptions {
  /// Whether the first line that is not empty is of this form.
  static func recognizes(_ bytes: Data) -> Bool {
    let start = String(decoding: bytes.withoutByteOrderMark.prefix(4096), as: UTF8.self)
    guard let line = lines(of: start).first(where: { !$0.isEmpty }) else { return false }
    return fields(of: line) != nil
  }

  static func file(in bytes: Data, path: String) throws -> CaptionFile {
    var list = CaptionedImages(columns: [ImageColumn(name: "image")], path: path)
    for (index, line) in try lines(of: text(of: bytes, path: path)).enumerated() where !line.isEmpty {
      guard let fields = fields(of: line) else {
        throw Failure.badData(
          "\(path) has on line \(index + 1) \(line.prefix(40).debugDescription), but image.jpg#0, a tab "
            + "and a caption were expected; fix or remove the line.")
      }
      try list.add(
        CaptionedImage(
          names: [fields.file], split: nil, captions: [fields.caption.trimmed], place: "line \(index + 1)"))
    }
    return CaptionFile(path: path, columns: list.columns, images: list.images)
  }

  private static func fields(of line: Substring) -> (file: String, caption: String)? {
    guard let tab = line.utf8.firstIndex(of: UInt8(ascii: "\t")),
      let hash = line[..<tab].utf8.lastIndex(of: UInt8(ascii: "#"))
    else { return nil }
    var file = String(line[..<hash]).trimmed
    // Flickr8k has one image as 2258277193_586949ec62.jpg.1.
    if file.hasSuffix(".1"), String(file.dropLast(2)).hasEnding { file.removeLast(2) }
    return (file, String(line[line.utf8.index(after: tab)...]))
  }
}
