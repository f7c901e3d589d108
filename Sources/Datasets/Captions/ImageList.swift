import FileFormats
import Foundation
import Support

/// A file with the name of an image on each line. White space around it, lines without any, and a header that is known
/// for a column of images are no names.
enum ImageList {
  /// - Throws: `Failure.badData` where there is no such file, or it is not UTF-8.
  static func names(in path: String) throws -> [(name: String, line: Int)] {
    let names = try lines(of: text(of: Data(mapping: path), path: path)).enumerated().map { index, line in
      (name: String(line).trimmed, line: index + 1)
    }.filter { !$0.name.isEmpty }
    let hasHeader = names.first.map { ImageColumn.isKnown(CaptionColumns.normal($0.name)) } ?? false
    return Array(names.dropFirst(hasHeader ? 1 : 0))
  }
}
