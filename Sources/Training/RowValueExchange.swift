import Autograd
import Collectives
import Tensors

extension Communicator {
  /// Brings the exact values of some rows of a table, which other nodes update and this one has in bfloat16, to all
  /// ranks: those of the tokens of a batch, which are looked up.
  /// - Parameter ids: the rows that this rank needs.
  func shareRows(
    _ ids: some Collection<Int32>, of table: Parameter, in arena: ParameterArena, _ reduction: LineReduction
  ) {
    guard let blockOfRow = arena.blockOfRow(in: table) else { return }
    let needed = Set(allGather(Array(Set(ids))).joined()).sorted()
    let owned = needed.filter { reduction.owns(blockOfRow($0)) }
    let width = table.value.columns
    let rows = owned.flatMap { UnsafeBufferPointer(start: table.value.row(Int($0)), count: width) }
    let (allIDs, allRows) = (allGather(owned).joined(), allGather(rows).flatMap { $0 })
    allRows.withUnsafeBufferPointer { rows in
      guard let start = rows.baseAddress else { return }
      // Ranks of a node write the same values to the same places.
      for (index, id) in allIDs.enumerated() {
        table.value.row(Int(id)).update(from: start + index * width, count: width)
      }
    }
  }
}
