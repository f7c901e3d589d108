/// What is written for some characters, or for sequences of them.
struct Replacements: ExpressibleByDictionaryLiteral, Sendable {
  private let entries: [(written: [UInt16], read: [UInt16])]

  init(dictionaryLiteral entries: (String, String)...) {
    self.entries = entries.map { (written: Array($0.1.utf16), read: Array($0.0.utf16)) }
  }

  func applied(to units: [UInt16]) -> [UInt16] {
    var result: [UInt16] = []
    var rest = units[...]
    while let first = rest.first {
      if let entry = entries.first(where: { rest.starts(with: $0.read) }) {
        result += entry.written
        rest = rest.dropFirst(entry.read.count)
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}
