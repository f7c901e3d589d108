import Autograd
import Collectives
import Tensors

extension Communicator {
  /// Adds all ranks' gradients of single table rows to the (already summed) gradients of their tables, one after the
  /// other in the order of the global batch: an order that does not know of ranks.
  public func addRowGradients(_ gradients: [RowGradients], on backend: Backend) {
    guard let table = gradients.first?.table, let sum = table.gradient else { return }
    let width = sum.columns
    let ids = allGather(gradients.flatMap(\.ids)).flatMap { $0 }
    let rows = allGather(gradients.flatMap(\.rows.elements)).flatMap { $0 }
    rows.withUnsafeBufferPointer { rows in
      guard let first = rows.baseAddress else { return }
      for (index, id) in ids.enumerated() {
        backend.kernels.add(sum.row(Int(id)), sum.row(Int(id)), first + index * width, width)
      }
    }
  }
}
