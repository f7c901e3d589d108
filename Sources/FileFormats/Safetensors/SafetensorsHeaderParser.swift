import Foundation
import Support

/// Reads the JSON of a safetensors header, and only that: an object of tensors and of strings. Foundation's
/// parser would let names pass that occur twice.
struct SafetensorsHeaderParser {
  struct Tensor {
    var name: String
    var element: ElementType
    var shape: [Int]
    /// Where its bytes stand among all tensors' data.
    var begin, end: Int
  }

  private let json: [UInt8]
  private let damaged: (_ fault: String) -> Failure
  private var position = 0

  /// `damaged` makes the failure that tells of a fault.
  init(json: Data, damaged: @escaping (_ fault: String) -> Failure) {
    self.json = [UInt8](json)
    self.damaged = damaged
  }

  mutating func parse() throws -> (tensors: [Tensor], metadata: [String: String]) {
    guard json.first == UInt8(ascii: "{") else { throw unexpected("\"{\"") }
    var tensors: [Tensor] = []
    var metadata: [String: String] = [:]
    try object { parser, name in
      if name == "__metadata__" {
        try parser.object { parser, key in metadata[key] = try parser.string() }
      } else {
        tensors.append(try parser.tensor(name))
      }
    }
    skipSpace()
    guard position == json.endIndex else { throw unexpected("the end of the header") }
    return (tensors, metadata)
  }

  private mutating func tensor(_ name: String) throws -> Tensor {
    var element: ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try object { parser, key in
      switch key {
      case "dtype":
        let dtype = try parser.string()
        element = ElementType(safetensorsName: dtype)
        guard element != nil else { throw parser.damaged("\(name) has the unknown dtype \(dtype)") }
      case "shape": shape = try parser.numbers()
      case "data_offsets": offsets = try parser.numbers()
      default: throw parser.damaged("\(name) has the unknown property \(key)")
      }
    }
    guard let element, let shape, let offsets, offsets.count == 2 else {
      throw damaged("\(name) lacks one of dtype, shape and two data_offsets")
    }
    return Tensor(name: name, element: element, shape: shape, begin: offsets[0], end: offsets[1])
  }

  // MARK: JSON

  /// Has `member` read the value of each key.
  private mutating func object(
    _ member: (_ parser: inout SafetensorsHeaderParser, _ key: String) throws -> Void
  ) throws {
    var keys = Set<String>()
    try list(from: "{", to: "}") { parser in
      let key = try parser.string()
      guard keys.insert(key).inserted else { throw parser.damaged("the name \(key) occurs twice") }
      try parser.expect(":")
      try member(&parser, key)
    }
  }

  private mutating func numbers() throws -> [Int] {
    var numbers: [Int] = []
    try list(from: "[", to: "]") { numbers.append(try $0.number()) }
    return numbers
  }

  private mutating func list(
    from open: Unicode.Scalar, to close: Unicode.Scalar,
    _ item: (inout SafetensorsHeaderParser) throws -> Void
  ) throws {
    try expect(open)
    if next(is: close) { return }
    repeat { try item(&self) } while next(is: ",")
    try expect(close)
  }

  /// An integer without sign, fraction or exponent, which fits an `Int`.
  private mutating func number() throws -> Int {
    skipSpace()
    let digits = json[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1,
      let number = Int(String(decoding: digits.prefix(20), as: UTF8.self)), digits.count < 20
    else { throw unexpected("an integer from 0 on") }
    position = digits.endIndex
    return number
  }

  private mutating func string() throws -> String {
    try expect("\"")
    var bytes: [UInt8] = []
    while let byte = take() {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: bytes, as: UTF8.self) else {
          throw damaged("a name is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): bytes += Array(String(try escape()).utf8)
      case 0..<0x20: throw unexpected("a string without control characters")
      default: bytes.append(byte)
      }
    }
    throw unexpected("the end of a string")
  }

  /// What stands behind a backslash.
  private mutating func escape() throws -> Unicode.Scalar {
    switch take() {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexadecimal()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // The first half of a pair that UTF-16 makes of one character beyond the first 65,536.
      guard UTF16.isLeadSurrogate(unit), take() == UInt8(ascii: "\\"), take() == UInt8(ascii: "u") else {
        break
      }
      let second = try hexadecimal()
      guard UTF16.isTrailSurrogate(second) else { break }
      return UTF16.decode(UTF16.EncodedScalar([unit, second]))
    default: break
    }
    throw unexpected("a character's escape")
  }

  private mutating func hexadecimal() throws -> UInt16 {
    let digits = json[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ isxdigit(Int32($0)) != 0 }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw unexpected("four hexadecimal digits") }
    position = digits.endIndex
    return unit
  }

  // MARK: Bytes

  private mutating func take() -> UInt8? {
    guard position < json.endIndex else { return nil }
    defer { position += 1 }
    return json[position]
  }

  private mutating func skipSpace() {
    while position < json.endIndex {
      switch json[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): position += 1
      default: return
      }
    }
  }

  /// Passes over `character` and the space before it, if it is what comes next.
  private mutating func next(is character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < json.endIndex, json[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard next(is: character) else { throw unexpected("\"\(character)\"") }
  }

  private func unexpected(_ expected: String) -> Failure {
    damaged("at byte \(position) of its header, \(expected) was expected")
  }
}
