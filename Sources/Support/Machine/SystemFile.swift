import Foundation

/// A file in which Linux tells about itself, often `key: value` a line; a missing one has no lines.
public struct SystemFile {
  public let lines: [Substring]

  public init(_ path: String) {
    lines = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
  }

  /// The numbers and words of the first line.
  public var words: [Substring] { lines.first?.split(whereSeparator: \.isWhitespace) ?? [] }

  /// The first value of a key.
  public func value(of key: String) -> String? {
    for line in lines where line.hasPrefix(key) {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2, parts[0] == key { return parts[1] }
    }
    return nil
  }

  /// A value such as “16384 kB”.
  public func bytes(of key: String) -> Int? {
    value(of: key)?.split(separator: " ").first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
