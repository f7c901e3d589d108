import FileFormats
import Foundation
import Support

/// The records of a table in text, as RFC 4180 has them: fields may stand in quotes, and within those a quote
/// is doubled and line ends are text.
struct DelimitedText {
  struct Record: Equatable {
    /// The line that it begins on, from 1.
    let line: Int
    let fields: [String]
  }

  let bytes: UnsafeRawBufferPointer
  let delimiter: UInt8
  /// The file's, for messages.
  let path: String
  private var position = 0
  private var line = 1

  private let quote = UInt8(ascii: "\""), lineFeed = UInt8(ascii: "\n"), carriageReturn = UInt8(ascii: "\r")

  init(_ bytes: UnsafeRawBufferPointer, delimiter: UInt8, path: String) {
    (self.bytes, self.delimiter, self.path) = (bytes, delimiter, path)
  }

  /// The next record, past empty lines; nil at the end.
  ///
  /// Throws `Failure.badData` when a quote is not closed, or the text is not UTF-8.
  mutating func record() throws -> Record? {
    while position < bytes.count {
      let start = line
      let fields = try fields(ofRecordOn: start)
      if fields != [""] { return Record(line: start, fields: fields) }
    }
    return nil
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func fields(ofRecordOn line: Int) throws -> [String] {
    var fields: [String] = []
    while true {
      fields.append(try next == quote ? quotedField(ofRecordOn: line) : plainField())
      if next == delimiter {
        position += 1
        continue
      }
      guard next == nil || next == lineFeed else { throw unclosed(line) }
      if next == lineFeed {
        position += 1
        self.line += 1
      }
      return fields
    }
  }

  private mutating func plainField() throws -> String {
    let start = position
    while let byte = next, byte != delimiter, byte != lineFeed { position += 1 }
    let end =
      position > start && next != delimiter && bytes[position - 1] == carriageReturn ? position - 1 : position
    return try text(bytes[start..<end])
  }

  private mutating func quotedField(ofRecordOn line: Int) throws -> String {
    var field: [UInt8] = []
    position += 1
    while let byte = next {
      position += 1
      if byte == lineFeed { self.line += 1 }
      if byte != quote {
        field.append(byte)
      } else if next == quote {
        field.append(quote)
        position += 1
      } else {
        if next == carriageReturn { position += 1 }
        return try text(field)
      }
    }
    throw unclosed(line)
  }

  private func text(_ bytes: some Collection<UInt8>) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw notUTF8(path) }
    return text
  }

  private func unclosed(_ line: Int) -> Failure {
    .badData(
      "\(path) has a quoted field in the record on line \(line) that is not closed or goes on behind its closing "
        + "quote; close it, and double the quotes within it.")
  }
}

/// What is said of a file in another encoding.
func notUTF8(_ path: String) -> Failure {
  .badData("\(path) is not text in UTF-8; convert it, for example with iconv -t UTF-8.")
}

/// The text of a file in UTF-8, without a byte order mark.
func text(of bytes: Data, path: String) throws -> String {
  guard let text = String(validating: bytes.withoutByteOrderMark, as: UTF8.self) else { throw notUTF8(path) }
  return text
}

/// The lines of a text, without their ends.
func lines(of text: String) -> [Substring] {
  text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
    Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
  }
}
