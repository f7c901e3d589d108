import Autograd
import Collectives
import Tensors

extension Communicator {
  /// Adds all ranks' gradients of single table rows to the (already summed) gradients of their tables, one after the
  /// other in the order of the global batch: an order that does not know of ranks. Each rank adds to the blocks that it
  /// updates.
  func addRowGradients(
    _ gradients: [RowGradients], to arena: ParameterArena, _ reduction: LineReduction, on backend: Backend
  ) {
    guard let table = gradients.first?.table, let sum = table.gradient,
      let blockOfRow = arena.blockOfRow(in: table)
    else { return }
    let width = sum.columns
    let ids = allGather(gradients.flatMap(\.ids)).flatMap { $0 }
    let rows = allGather(gradients.flatMap(\.rows.elements)).flatMap { $0 }
    var changed: Set<Int> = []
    rows.withUnsafeBufferPointer { rows in
      guard let start = rows.baseAddress else { return }
      for (index, id) in ids.enumerated() {
        let block = blockOfRow(id)
        guard reduction.owns(block) else { continue }
        backend.kernels.add(sum.row(Int(id)), sum.row(Int(id)), start + index * width, width)
        changed.insert(block)
      }
    }
    reduction.measureSquares(of: Array(changed))
  }
}
