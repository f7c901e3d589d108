import Tensors

/// Rows of an embedding table that a batch looks up: row i of the table, for each i of `ids`, as often as it occurs.
public struct EmbeddingLookup {
  public let table: Parameter
  public let ids: [Int32]

  public init(table: Parameter, ids: [Int32]) {
    self.table = table
    self.ids = ids
  }
}

/// Gradients of single rows of a table that a lane has looked up: row `ids[i]` of `table` gets row i of `rows`.
public struct SparseGradient {
  public let table: Parameter
  /// Of the tape's batch.
  public let lane: Int
  public let ids: [Int32]
  /// [ids.count, width]
  public let rows: Matrix
}
