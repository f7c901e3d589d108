import Essentials
import Foundation

/// Flickr8k's and Flickr30k's `token.txt`: on each line an image file with the caption's number, a tab, the
/// caption, as in `1000268201_693b08cb0e.jpg#0	A child is climbing up a set of stairs .`
enum FlickrCaptions {
  /// Whether the first line that is not empty is of this form.
  static func recognizes(_ bytes: Data) -> Bool {
    guard
      let line = lines(of: String(decoding: bytes.prefix(4096), as: UTF8.self)).first(where: { !$0.isEmpty })
    else { return false }
    return fields(of: line) != nil
  }

  static func images(in bytes: Data, path: String) throws -> [CaptionedImage] {
    let lines = try lines(of: text(of: bytes, path: path))
    return CaptionedImage.grouped(
      try lines.enumerated().filter { !$1.isEmpty }.map { number, line in
        guard let fields = fields(of: line) else {
          throw Failure.badData(
            "\(path) has on line \(number + 1) \(line.prefix(40).debugDescription), but image.jpg#0, a tab "
              + "and a caption were expected; mend or remove the line.")
        }
        return fields
      })
  }

  private static func fields(of line: Substring) -> (file: String, caption: String)? {
    guard let tab = line.utf8.firstIndex(of: UInt8(ascii: "\t")),
      let hash = line[..<tab].utf8.lastIndex(of: UInt8(ascii: "#"))
    else { return nil }
    return (String(line[..<hash]), String(line[line.utf8.index(after: tab)...]))
  }
}

/// The lines of a text, without their ends.
func lines(of text: String) -> [Substring] {
  text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
    Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
  }
}
