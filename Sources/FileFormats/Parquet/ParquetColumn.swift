import Support

/// A column of a Parquet file: a leaf of its schema.
public struct ParquetColumn: Sendable {
  /// The names on the way to it, joined by points, without the levels that every list has.
  public let name: String
  /// Nil where it is of a type that is not read.
  public let type: ParquetType?
  /// Whether a row has any number of values instead of one or none.
  public var isList: Bool { repetitions > 0 }

  /// Its place among the leaves, in which order every row group has its columns.
  let index: Int
  /// Levels at which a value may be missing (Parquet's maximum definition level).
  let definitions: Int
  /// Lists that it is in (the maximum repetition level); lists of lists are not read.
  let repetitions: Int
}

/// How the values of a column are stored and what they become.
public enum ParquetType: Sendable {
  case boolean, int32, int64, float, double, text
  /// Two bytes of half precision.
  case float16

  public var isFloatingPoint: Bool { [.float, .double, .float16].contains(self) }
}

extension ParquetColumn {
  /// The leaves of a schema, which lists its nodes from the root on, each before its children.
  ///
  /// Throws `Failure.badData` where the nodes are not one tree.
  static func leaves(of schema: [ThriftValue], path: String) throws -> [ParquetColumn] {
    var columns: [ParquetColumn] = []
    var position = 0

    func visit(_ names: [String], definitions: Int, repetitions: Int, isListLevel: Bool, depth: Int) throws {
      guard position < schema.count, depth < 64, let name = schema[position][4]?.text else {
        throw Failure.badData("\(path) is damaged: its schema is not a tree; copy it or make it again.")
      }
      let node = schema[position]
      position += 1
      // The root has no repetition; below it 0 is required, 1 optional, 2 repeated.
      let repetition = depth == 0 ? 0 : node[3]?.integer ?? 0
      let names = depth == 0 || isListLevel ? names : names + [name]
      let definitions = definitions + (repetition == 0 ? 0 : 1)
      let repetitions = repetitions + (repetition == 2 ? 1 : 0)
      guard let children = node[5]?.integer, children > 0 else {
        columns.append(
          ParquetColumn(
            name: names.joined(separator: "."), type: ParquetType(node), index: columns.count,
            definitions: definitions, repetitions: repetitions))
        return
      }
      let isList = node[6]?.integer == 3 || node[10]?[3] != nil
      for _ in 0..<children {
        // A list is three levels: itself, a repeated group, the element.
        try visit(
          names, definitions: definitions, repetitions: repetitions,
          isListLevel: isList || isListLevel && repetition == 2, depth: depth + 1)
      }
    }

    try visit([], definitions: 0, repetitions: 0, isListLevel: false, depth: 0)
    return columns
  }
}

extension ParquetType {
  /// The type of a leaf; nil for those that are not read.
  fileprivate init?(_ leaf: ThriftValue) {
    switch leaf[1]?.integer {
    case 0: self = .boolean
    case 1: self = .int32
    case 2: self = .int64
    case 4: self = .float
    case 5: self = .double
    case 6 where leaf[6]?.integer == 0 || leaf[10]?[1] != nil: self = .text
    case 7 where leaf[2]?.integer == 2 && leaf[10]?[15] != nil: self = .float16
    default: return nil
    }
  }
}
