import Foundation

/// Writes pickles, as programs in the instructions of `PickleOpcode`, in pieces.
struct PickleWriter {
  /// Items of a list that a reader has on its stack before they become a part of the list, as in Python's.
  private static let batch = 1000
  private static let pieceSize = 1 << 16

  private let sink: ByteSink
  private var piece = Data()
  /// Where in the reader's memo the keys of dictionaries are: a list of dictionaries repeats them.
  private var keys: [String: Int] = [:]

  /// Writes a pickle of `term`. The protocol is only declared; each term needs the one that it says.
  static func write(_ term: PickleTerm, version: UInt8, to sink: ByteSink) throws {
    try withoutActuallyEscaping(sink) { sink in
      var writer = PickleWriter(sink: sink)
      try writer.emit(.proto, version)
      try writer.write(term)
      try writer.emit(.stop)
      try writer.flush()
    }
  }

  /// A pickle of `term` in memory.
  static func data(_ term: PickleTerm, version: UInt8) throws -> Data {
    var data = Data()
    try write(term, version: version) { data.append(contentsOf: $0) }
    return data
  }

  private init(sink: @escaping ByteSink) { self.sink = sink }

  private mutating func write(_ term: PickleTerm) throws {
    switch term {
    case .none: try emit(.none)
    case .bool(let value): try emit(value ? .newTrue : .newFalse)
    case .integer(let value):
      if let value = Int32(exactly: value) {
        try emit(.binint, value)
      } else {
        try emit(.long1, UInt8(8))
        piece.append(littleEndian: value)
      }
    case .string(let string): try write(string)
    case .bytes(let count, let produce):
      try emit(.binbytes8, UInt64(count))
      try flush()
      try produce(sink)
    case .tuple(let terms):
      try emit(.mark)
      for term in terms { try write(term) }
      try emit(.tuple)
    case .list(let terms):
      try emit(.emptyList)
      try writeBatches(of: terms, ending: .appends) { try $0.write($1) }
    case .dictionary(let items):
      try emit(.emptyDict)
      try write(items)
    case .global(let name): try writeGlobal(name)
    case .call(let function, let arguments):
      try writeGlobal(function)
      try write(.tuple(arguments))
      try emit(.reduce)
    case .orderedDictionary(let items):
      try write(.call(PickleGlobal.Function.orderedDictionary.rawValue, []))
      try write(items)
    case .persistent(let name):
      try write(name)
      try emit(.binpersid)
    }
  }

  private mutating func write(_ string: String) throws {
    try emit(.binunicode, UInt32(string.utf8.count))
    piece.append(contentsOf: string.utf8)
  }

  /// Fills the dictionary on the reader's stack.
  private mutating func write(_ items: [(key: String, value: PickleTerm)]) throws {
    try writeBatches(of: items, ending: .setitems) { writer, item in
      try writer.writeKey(item.key)
      try writer.write(item.value)
    }
  }

  private mutating func writeKey(_ key: String) throws {
    if let place = keys[key] { return try emit(.longBinget, UInt32(place)) }
    let place = keys.count
    keys[key] = place
    try write(key)
    try emit(.longBinput, UInt32(place))
  }

  private mutating func writeBatches<Item>(
    of items: some Sequence<Item>, ending: PickleOpcode,
    _ write: (_ writer: inout PickleWriter, _ item: Item) throws -> Void
  ) throws {
    var count = 0
    for item in items {
      if count % Self.batch == 0 { try emit(.mark) }
      try write(&self, item)
      count += 1
      if count % Self.batch == 0 { try emit(ending) }
    }
    if count % Self.batch != 0 { try emit(ending) }
  }

  private mutating func writeGlobal(_ name: String) throws {
    let parts = name.split(separator: ".")
    try emit(.global)
    piece.append(contentsOf: "\(parts.dropLast().joined(separator: "."))\n\(parts.last ?? "")\n".utf8)
  }

  private mutating func emit(_ opcode: PickleOpcode) throws {
    if piece.count >= Self.pieceSize { try flush() }
    piece.append(opcode.rawValue)
  }

  private mutating func emit(_ opcode: PickleOpcode, _ argument: some FixedWidthInteger & BitwiseCopyable)
    throws
  {
    try emit(opcode)
    piece.append(littleEndian: argument)
  }

  private mutating func flush() throws {
    try piece.withUnsafeBytes(sink)
    piece.removeAll(keepingCapacity: true)
  }
}
