import Autograd
import Tensors

extension Communicator {
  /// Brings this rank the exact values of the rows that it looks up, which other nodes update and its own has in bfloat16.
  /// To be called by all ranks together, with the same tables in the same order, also by one that looks nothing up; does
  /// nothing for a frozen table.
  public func fetchEmbeddingRows(
    _ lookups: [EmbeddingLookup], in arena: ParameterArena, _ reduction: GradientReduction
  ) {
    for lookup in lookups { fetch(lookup.ids, of: lookup.table, in: arena, reduction) }
  }

  private func fetch(
    _ ids: [Int32], of table: Parameter, in arena: ParameterArena, _ reduction: GradientReduction
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
