import Tensors

/// Some consecutive rows of a trainable parameter: what one task of an update works on, small enough for a core's
/// cache.
///
/// The cut depends on shapes alone, so whoever works on whichever block, the numbers are the same.
public struct UpdateBlock: Sendable {
  public let parameter: Parameter
  public let rows: Range<Int>
  /// Where the rows stand in the arena's lines.
  public let range: Range<Int>

  /// The blocks of a parameter that starts at `offset`: 32 rows each, or as many times 32 as make about 32,768 floats.
  static func blocks(of parameter: Parameter, at offset: Int) -> [UpdateBlock] {
    let (count, columns) = (parameter.rows, parameter.columns)
    let height = 32 * max(1, 32_768 / (32 * max(1, columns)))
    return stride(from: 0, to: count, by: height).map { first in
      let rows = first..<min(count, first + height)
      return UpdateBlock(
        parameter: parameter, rows: rows,
        range: offset + rows.lowerBound * columns..<offset + rows.upperBound * columns)
    }
  }

  /// Brings the packed forms of the rows up to date, while their values are in the core's cache: to be called by one
  /// rank of a node for each block that an update has changed, from any thread.
  public func valuesHaveChanged(on backend: Backend) { parameter.pack(rows: rows, on: backend) }
}
