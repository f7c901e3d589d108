/// The strings of a dataset, which stay in the file and are read when they are asked for.
///
/// Every method throws `Failure.badData` where the file is damaged, is not UTF-8 there or has become too short.
public struct StringColumn: Sendable {
  public let count: Int
  let elements: HDF5Elements
  let elementSize: Int
  let strings: HDF5Strings

  public func string(at index: Int) throws -> String {
    var reader = strings
    return try read(index..<index + 1, by: &reader)[0]
  }

  /// All of them, in memory.
  public func all() throws -> [String] {
    var all: [String] = []
    all.reserveCapacity(count)
    try forEachPiece { _, strings in all += strings }
    return all
  }

  /// Has `body` see all strings from front to back, some thousand at a time, with the place of the first.
  public func forEachPiece(_ body: (_ first: Int, _ strings: [String]) throws -> Void) throws {
    var reader = strings
    for piece in (0..<count).pieces(of: columnPiece) {
      try body(piece.lowerBound, read(piece, by: &reader))
    }
  }

  /// The same beside another column that is as long.
  public func forEachPiece(
    with other: StringColumn, _ body: (_ first: Int, _ strings: [String], _ others: [String]) throws -> Void
  ) throws {
    var reader = other.strings
    try forEachPiece { first, strings in
      try body(first, strings, other.read(first..<first + strings.count, by: &reader))
    }
  }

  private func read(_ range: Range<Int>, by reader: inout HDF5Strings) throws -> [String] {
    try elements.withBytes(range.lowerBound * elementSize..<range.upperBound * elementSize) {
      try reader.strings(in: $0)
    }
  }
}

/// The integers of a dataset, which stay in the file and are read when they are asked for.
///
/// Every method throws `Failure.badData` where the file has become too short.
public struct IntegerColumn: Sendable {
  public let count: Int
  let elements: HDF5Elements
  let type: HDF5Datatype

  public func integer(at index: Int) throws -> Int { try integers(index..<index + 1)[0] }

  /// All of them, in memory.
  public func all() throws -> [Int] { try integers(0..<count) }

  public func integers(_ range: Range<Int>) throws -> [Int] {
    try elements.withBytes(range.lowerBound * type.size..<range.upperBound * type.size) {
      type.integers(in: $0) ?? []
    }
  }

  /// Has `body` see all integers from front to back, some thousand at a time, with the place of the first.
  public func forEachPiece(_ body: (_ first: Int, _ integers: [Int]) throws -> Void) throws {
    for piece in (0..<count).pieces(of: columnPiece) { try body(piece.lowerBound, integers(piece)) }
  }
}

/// Elements of a column that are read at a time.
private let columnPiece = 4096
