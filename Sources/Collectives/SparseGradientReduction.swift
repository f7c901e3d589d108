import Autograd
import Tensors

extension Communicator {
  /// Adds all ranks' gradients of single rows of tables to the (already summed) gradients of these, one after the other in
  /// the order of the global batch: an order that does not know of ranks. Each rank gets and adds those of the blocks
  /// that it updates. To be called by all ranks together, also by one that has none; does nothing for a frozen table.
  /// - Parameters:
  ///   - gradients: of this rank's lanes, in the order of the batch.
  ///   - tables: all that any rank may have looked up, on every rank the same.
  public func reduceSparseGradients(
    _ gradients: [SparseGradient], to tables: [Parameter], in arena: ParameterArena,
    _ reduction: GradientReduction, on backend: Backend
  ) {
    for gradient in gradients where !tables.contains(where: { $0 === gradient.table }) {
      preconditionFailure("rows of “\(gradient.table.name)”, a table of which the other ranks know nothing")
    }
    for table in tables {
      reduce(gradients.filter { $0.table === table }, to: table, in: arena, reduction, on: backend)
    }
  }

  private func reduce(
    _ gradients: [SparseGradient], to table: Parameter, in arena: ParameterArena,
    _ reduction: GradientReduction, on backend: Backend
  ) {
    guard let sum = table.gradient, let blockOfRow = arena.blockOfRow(in: table) else { return }
    let width = sum.columns
    let parts = (0..<size).map { owner in
      gradients.flatMap { gradient in
        gradient.ids.indices.filter { reduction.isOwner(owner, of: blockOfRow(gradient.ids[$0])) }.flatMap {
          UnsafeBufferPointer(start: gradient.rows.row($0), count: width)
        }
      }
    }
    let received = allToAll(parts)
    var changed: Set<Int> = []
    for (ids, rows) in zip(allGather(gradients.flatMap(\.ids)), received) {
      rows.withUnsafeBufferPointer { rows in
        guard var row = rows.baseAddress else { return }
        for id in ids where reduction.owns(blockOfRow(id)) {
          backend.kernels.add(sum.row(Int(id)), sum.row(Int(id)), row, width)
          changed.insert(blockOfRow(id))
          row += width
        }
      }
    }
    reduction.updateSquaredNorms(of: Array(changed))
  }
}
