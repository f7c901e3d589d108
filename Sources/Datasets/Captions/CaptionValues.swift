import FileFormats
import Foundation
import Support

/// Reads what a column of captions holds: a caption, or a list of them.
struct CaptionValues {
  let options: CaptionOptions
  /// The file's, for messages.
  let path: String
  /// Which of an object's keys hold captions, by the keys: nearly all objects of a file have the same.
  private var columns: [[String]: [String]] = [:]

  init(options: CaptionOptions, path: String) { (self.options, self.path) = (options, path) }

  /// Of a field of a table, which may hold a list in JSON, as data frames are written.
  ///
  /// Throws `Failure.badData` where it holds a list in another form.
  func captions(inField field: String, on line: Int) throws -> [String] {
    let text = field.trimmed
    guard text.hasPrefix("["), text.hasSuffix("]"), ["]", "\"", "'"].contains(text.dropFirst().first) else {
      return [text]
    }
    let list = (try? JSONParser.values(in: Data(text.utf8), name: path))?.first?.array?.map(\.string?.trimmed)
    guard let list, !list.contains(nil) else {
      throw Failure.badData(
        "\(path) has on line \(line) a list that is not JSON, \(text.prefix(60).debugDescription); write it as a list "
          + "of strings by json.dumps, or each caption on a line of its own.")
    }
    return list.compactMap(\.self)
  }

  /// Of a value of JSON: a caption, a list of them, objects that hold one (Karpathy's `sentences`), or nothing.
  /// - Parameters:
  ///   - key: what the value stands under; Karpathy's `tokens` are the words of one caption.
  ///   - place: where it stands, for messages.
  /// - Throws: `Failure.badData` where it is anything else, and `Failure.usage` where it is not clear which part is
  ///   meant.
  mutating func captions(in value: JSONValue, under key: String, at place: String) throws -> [String] {
    switch value {
    case .null, .number("NaN"): return []
    case .string(let caption): return [caption.trimmed]
    case .array(let elements):
      if key == "tokens", case let words = elements.compactMap(\.string), words.count == elements.count {
        return [words.joined(separator: " ")]
      }
      return try elements.flatMap { try captions(in: $0, under: "", at: place) }
    case .object(let members):
      return try captionKeys(among: members.map(\.key), at: place).flatMap {
        try captions(in: value[$0] ?? .null, under: $0, at: place)
      }
    case .number, .bool:
      throw Failure.badData(
        "\(path) has at \(place)\(key.isEmpty ? "" : " under \(key)") a number where a caption was expected; check the "
          + "file, or name another key with --caption-column.")
    }
  }

  private mutating func captionKeys(among keys: [String], at place: String) throws -> [String] {
    if let known = columns[keys] { return known }
    let found = try CaptionColumns.captions(among: keys, options: options, path: "\(path), at \(place),")
    guard !found.isEmpty else {
      throw Failure.badData(
        "\(path) has at \(place) no caption but \(CaptionColumns.list(keys)); name the one that holds it with "
          + "--caption-column.")
    }
    columns[keys] = found
    return found
  }
}
