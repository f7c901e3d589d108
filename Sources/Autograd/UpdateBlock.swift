import Tensors

/// Some consecutive rows of a trainable parameter: what one task of an update works on, small enough for a core's
/// cache.
///
/// The cut depends on shapes alone, so whoever works on whichever block, the numbers are the same.
public struct UpdateBlock: Sendable {
  public let parameter: Parameter
  public let rows: Range<Int>
  /// Where the rows are in the arena's buffers.
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

  /// In which other nodes need the values between two steps: of a factor in bfloat16 only the packed forms are used,
  /// and of the token table also the rows of a batch's tokens, which travel apart.
  public var precision: Precision { parameter.packed == nil ? .float32 : .bfloat16 }

  /// Brings the packed forms of the rows up to date, while their values are in the core's cache: to be called by one
  /// rank of a node for each block that an update has changed, from any thread.
  public func repack(on backend: Backend) { parameter.pack(rows: rows, on: backend) }
}
