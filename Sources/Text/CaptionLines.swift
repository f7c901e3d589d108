import Foundation
import Support

/// Captions in a text, one on each line.
///
/// A line feed ends a line, and the last line need not have one. Whatever else breaks lines elsewhere, such as a
/// carriage return, is part of the caption.
public struct CaptionLines: Sendable {
  public let captions: [String]

  /// - Parameter name: of where the text comes from.
  /// - Throws: `Failure.badData` when it is not UTF-8.
  public init(utf8 text: Data, name: String) throws {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    captions = try lines.enumerated().map { index, line in
      guard let caption = String(validating: line, as: UTF8.self) else {
        throw Failure.badData(
          "Line \(index + 1) of \(name) is not UTF-8 text; expected one caption on each line: convert it, for "
            + "example with iconv.")
      }
      return caption
    }
  }
}
