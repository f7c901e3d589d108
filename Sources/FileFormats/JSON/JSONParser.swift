import Foundation
import Support

/// Reads JSON as programs write it: also with what Python's `json` adds (`NaN`, `Infinity`, halves of surrogate
/// pairs, which become U+FFFD), behind a byte order mark, and as JSON lines, one value behind the other.
public struct JSONParser {
  /// Far beyond what data sets need, and little enough for a thread's stack.
  private static let deepest = 100

  private let bytes: UnsafeRawBufferPointer
  private let name: String
  private var position = 0
  private var depth = 0
  /// Keys and values of what is being read. An array is made of them when it is complete, and takes no more memory than it
  /// needs: there may be millions of small ones.
  private var keys: [String] = []
  private var elements: [JSONValue] = []
  /// The keys of the objects so far, for those that have the same.
  private var keysOfObjects: Set<[String]> = []

  /// The values of the file at `path`, which are one unless it is of JSON lines. The file is let go of before what was read
  /// is used, for both may be large.
  ///
  /// Throws `Failure.badData` as `values(in:name:)` does, and where there is no such file.
  public static func values(ofFileAt path: String) throws -> [JSONValue] {
    try values(in: Data(mapping: path), name: path)
  }

  /// The values of a text, which are one unless it is of JSON lines. `name` is the file's, for messages.
  ///
  /// Throws `Failure.badData` where the bytes are no JSON in UTF-8, or nest too deeply.
  public static func values(in bytes: Data, name: String) throws -> [JSONValue] {
    try bytes.withoutByteOrderMark.withUnsafeBytes { buffer in
      var parser = JSONParser(bytes: buffer, name: name)
      var values: [JSONValue] = []
      repeat {
        values.append(try parser.value())
        parser.skipSpace()
      } while parser.position < buffer.count
      return values
    }
  }

  private init(bytes: UnsafeRawBufferPointer, name: String) {
    self.bytes = bytes
    self.name = name
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || 0x09...0x0D ~= byte { position += 1 }
  }

  /// Whether the next byte is this one, which is then passed over.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private func failure(_ expected: String) -> Failure {
    let line = 1 + bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") }
    let found =
      next.map { _ in String(decoding: bytes[position...].prefix(20), as: UTF8.self).debugDescription }
      ?? "the end of the file"
    return .badData(
      "\(name) is not valid JSON: \(expected) was expected on line \(line), where \(found) stands; write the file again."
    )
  }

  // MARK: - Values

  private mutating func value() throws -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try nested { .object(try $0.object()) }
    case UInt8(ascii: "["): return try nested { .array(try $0.array()) }
    case UInt8(ascii: "\""): return .string(try string())
    default: return try word()
    }
  }

  private mutating func nested(_ read: (inout JSONParser) throws -> JSONValue) throws -> JSONValue {
    guard depth < Self.deepest else { throw failure("no more than \(Self.deepest) levels of nesting") }
    depth += 1
    defer { depth -= 1 }
    return try read(&self)
  }

  private mutating func array() throws -> [JSONValue] {
    position += 1
    skipSpace()
    if take("]") { return [] }
    let start = elements.count
    repeat {
      elements.append(try value())
      skipSpace()
    } while take(",")
    guard take("]") else { throw failure("a comma or a closing bracket") }
    defer { elements.removeSubrange(start...) }
    return Array(elements[start...])
  }

  private mutating func object() throws -> JSONObject {
    position += 1
    skipSpace()
    if take("}") { return [] }
    let (firstKey, firstValue) = (keys.count, elements.count)
    repeat {
      skipSpace()
      let key = try string()
      skipSpace()
      guard take(":") else { throw failure("a colon behind \(key.debugDescription)") }
      keys.append(key)
      elements.append(try value())
      skipSpace()
    } while take(",")
    guard take("}") else { throw failure("a comma or a closing brace") }
    defer {
      keys.removeSubrange(firstKey...)
      elements.removeSubrange(firstValue...)
    }
    let shared = keysOfObjects.insert(Array(keys[firstKey...])).memberAfterInsert
    return JSONObject(keys: shared, values: Array(elements[firstValue...]))
  }

  /// A number, or one of the names.
  private mutating func word() throws -> JSONValue {
    let start = position
    while let byte = next, byte.isPartOfWord { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "NaN", "Infinity", "-Infinity": return .number(text)
    default:
      guard Self.isNumber(bytes[start..<position]) else {
        position = start
        throw failure("a value")
      }
      return .number(text)
    }
  }

  /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
  private static func isNumber(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
    var rest = text
    func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
    func takeDigits() -> Int {
      let digits = rest.prefix(while: isDigit)
      rest = rest.dropFirst(digits.count)
      return digits.count
    }
    func take(_ characters: String) -> Bool {
      guard let first = rest.first, characters.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    _ = take("-")
    let leadingZero = rest.first == UInt8(ascii: "0")
    let whole = takeDigits()
    guard whole == 1 || whole > 1 && !leadingZero else { return false }
    if take("."), takeDigits() == 0 { return false }
    if take("eE") {
      _ = take("+-")
      if takeDigits() == 0 { return false }
    }
    return rest.isEmpty
  }

  // MARK: - Strings

  private mutating func string() throws -> String {
    guard take("\"") else { throw failure("a string") }
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    if next == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try text(bytes[start..<position])
    }
    var content = Array(bytes[start..<position])
    while true {
      guard let byte = next, byte >= 0x20 else { throw failure("the rest of a string") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return try text(content)
      case UInt8(ascii: "\\"): try content.append(contentsOf: String(escaped()).utf8)
      default: content.append(byte)
      }
    }
  }

  private func text(_ bytes: some Collection<UInt8>) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("a string in UTF-8") }
    return text
  }

  /// What stands behind a backslash.
  private mutating func escaped() throws -> Unicode.Scalar {
    let escape = next
    position += 1
    switch escape {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicode()
    default:
      position -= 1
      throw failure("an escape of JSON")
    }
  }

  private mutating func unicode() throws -> Unicode.Scalar {
    let unit = try codeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    let start = position
    if UTF16.isLeadSurrogate(unit), take("\\"), take("u"), case let trail = try codeUnit(),
      UTF16.isTrailSurrogate(trail)
    {
      let pair = String(decoding: [unit, trail], as: UTF16.self).unicodeScalars
      return pair.first ?? Self.replacement
    }
    position = start
    return Self.replacement
  }

  private static let replacement: Unicode.Scalar = "\u{FFFD}"

  private mutating func codeUnit() throws -> UInt16 {
    let digits = bytes[min(position, bytes.count)...].prefix(4)
    guard digits.count == 4, digits.allSatisfy(\.isHexDigit),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("four hexadecimal digits") }
    position += 4
    return unit
  }
}

extension UInt8 {
  /// Whether a number or a name of JSON may have the character.
  fileprivate var isPartOfWord: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  fileprivate var isHexDigit: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}

extension Data {
  /// What stands behind UTF-8's byte order mark, where there is one.
  public var withoutByteOrderMark: Data { starts(with: [0xEF, 0xBB, 0xBF]) ? dropFirst(3) : self }
}
