import Autograd
import Tensors

extension Communicator {
  /// Brings this rank the exact values of some rows of a table, which other nodes update and its own has in bfloat16:
  /// those of the tokens of its batch, which are looked up. To be called by all ranks.
  /// - Parameter ids: the rows that this rank needs.
  public func fetchEmbeddingRows(
    _ ids: some Collection<Int32>, of table: Parameter, in arena: ParameterArena,
    _ reduction: GradientReduction
  ) {
    guard let blockOfRow = arena.blockOfRow(in: table) else { return }
    let width = table.value.columns
    let needed = allGather(Set(ids).sorted())
    let parts = needed.map { ids in
      ids.filter { reduction.owns(blockOfRow($0)) }.flatMap {
        UnsafeBufferPointer(start: table.value.row(Int($0)), count: width)
      }
    }
    for (owner, rows) in allToAll(parts).enumerated() {
      rows.withUnsafeBufferPointer { rows in
        guard var row = rows.baseAddress else { return }
        // Ranks of a node write the same values to the same places.
        for id in needed[rank] where reduction.isOwner(owner, of: blockOfRow(id)) {
          table.value.row(Int(id)).update(from: row, count: width)
          row += width
        }
      }
    }
  }
}
