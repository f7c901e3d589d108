/// Rows of text in aligned columns.
public struct TextTable: CustomStringConvertible, Equatable, Sendable {
  public enum Alignment: Sendable { case left, right }

  public let columns: [Alignment]
  public private(set) var rows: [[String]]

  public init(_ columns: [Alignment], _ rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }

  /// Names, values and units.
  public init(facts: [(name: String, value: String, unit: String)]) {
    self.init([.left, .right, .left], facts.map { [$0.name, $0.value, $0.unit] })
  }

  public var description: String {
    let widths = columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = columns.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - row[column].count)
        return columns[column] == .left ? row[column] + gap : gap + row[column]
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
