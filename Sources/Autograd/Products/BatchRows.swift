import Tensors

/// The rows of a batch as an operand of products, in the backend's precision: as they are, or rounded to bfloat16 once
/// for all products.
public final class BatchRows {
  let packing: Packing
  let elements: Elements
  private let backend: Backend

  enum Elements {
    case exact(Matrix)
    case rounded(RoundedRows)
  }

  /// x: [packing.rows, columns]
  public init(_ x: Matrix, _ packing: Packing, on backend: Backend) {
    self.packing = packing
    self.backend = backend
    elements = backend.precision == .bfloat16 ? .rounded(backend.rounded(x)) : .exact(x)
  }

  /// In bfloat16, with the rows as the inner dimension: what the gradient of a weight takes as its left operand.
  private(set) lazy var left = packed(.left)
  /// As its right operand.
  private(set) lazy var right = packed(.right)

  private func packed(_ side: PackedBatch.Side) -> PackedBatch? {
    guard case .rounded(let rows) = elements else { return nil }
    return PackedBatch(rows, side, lanes: (0..<packing.lanes).map(packing.rows(ofLane:)), on: backend)
  }
}
