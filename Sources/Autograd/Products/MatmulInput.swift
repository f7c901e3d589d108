import Tensors

/// The rows of a batch as an operand of products, in the backend's precision.
public final class MatmulInput {
  let packing: Packing
  let elements: BatchElements
  private let backend: Backend

  /// x: [packing.rows, columns]
  public convenience init(_ x: Matrix, _ packing: Packing, on backend: Backend) {
    self.init(.exact(x), packing, on: backend)
  }

  /// Rounds x where it is exact and products are not.
  init(_ x: BatchElements, _ packing: Packing, on backend: Backend) {
    self.packing = packing
    self.backend = backend
    elements = backend.operands(x)
  }

  /// In bfloat16, with the rows as the inner dimension: what the gradient of a weight takes as its left operand.
  private(set) lazy var left = packed(.left)
  /// As its right operand.
  private(set) lazy var right = packed(.right)

  private func packed(_ side: PackedBatch.Side) -> PackedBatch? {
    guard case .rounded(let rows) = elements else { return nil }
    return PackedBatch(rows, side, lanes: laneRows, on: backend)
  }

  /// In bfloat16, the rows from a column on, to be packed with others.
  func part(fromColumn column: Int) -> PackedBatch.Part? {
    guard case .rounded(let rows) = elements else { return nil }
    return PackedBatch.Part(rows, column: column, lanes: laneRows)
  }

  private var laneRows: [Range<Int>] { (0..<packing.lanes).map(packing.rows(ofLane:)) }
}
