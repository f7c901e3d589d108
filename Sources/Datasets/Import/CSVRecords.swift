import Essentials

/// The records of a table in text, as RFC 4180 has them: fields may stand in quotes, and within those a quote
/// is doubled and line ends are text.
struct CSVRecords {
  struct Record: Equatable {
    /// The line that it begins on, from 1.
    let line: Int
    let fields: [String]
  }

  private(set) var records: [Record] = []

  /// Throws `Failure.badData` when a quote is not closed, or the records differ in their number of fields.
  /// Empty lines are passed over.
  init(_ text: String, separator: Character, path: String) throws {
    var scanner = Scanner(bytes: Array(text.utf8), separator: separator.asciiValue ?? UInt8(ascii: ","))
    while !scanner.isAtEnd {
      let line = scanner.line
      guard let fields = scanner.record() else {
        throw Failure.badData(
          "\(path) has a quoted field in the record on line \(line) that is not closed or goes on behind its "
            + "closing quote; close it, and double the quotes within it.")
      }
      if fields != [""] { records.append(Record(line: line, fields: fields)) }
    }
    guard let first = records.first else { return }
    if let odd = records.first(where: { $0.fields.count != first.fields.count }) {
      throw Failure.badData(
        "\(path) has \(odd.fields.count) fields on line \(odd.line) and \(first.fields.count) on line "
          + "\(first.line); put captions that contain the separator in quotes.")
    }
  }

  private struct Scanner {
    let bytes: [UInt8]
    let separator: UInt8
    var position = 0
    var line = 1

    private let quote = UInt8(ascii: "\""), lineFeed = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r")

    init(bytes: [UInt8], separator: UInt8) {
      self.bytes = bytes
      self.separator = separator
    }

    var isAtEnd: Bool { position == bytes.count }
    private var next: UInt8? { isAtEnd ? nil : bytes[position] }

    /// The fields up to the end of the record, which is passed over; nil when a quoted field is malformed.
    mutating func record() -> [String]? {
      var fields: [String] = []
      while true {
        guard let field = next == quote ? quotedField() : plainField() else { return nil }
        fields.append(field)
        if next == separator {
          position += 1
          continue
        }
        guard next == nil || next == lineFeed else { return nil }
        if next == lineFeed {
          position += 1
          line += 1
        }
        return fields
      }
    }

    private mutating func plainField() -> String {
      let start = position
      while let byte = next, byte != separator, byte != lineFeed { position += 1 }
      let end =
        position > start && next != separator && bytes[position - 1] == carriageReturn
        ? position - 1 : position
      return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private mutating func quotedField() -> String? {
      var field: [UInt8] = []
      position += 1
      while let byte = next {
        position += 1
        if byte == lineFeed { line += 1 }
        if byte != quote {
          field.append(byte)
        } else if next == quote {
          field.append(quote)
          position += 1
        } else {
          if next == carriageReturn { position += 1 }
          return String(decoding: field, as: UTF8.self)
        }
      }
      return nil
    }
  }
}
