import Collectives
import Tensors
import Testing

@testable import Autograd

@Suite struct SparseGradientReductionTests {
  /// A rank that has looked at rows of tables.
  private struct Rank {
    let backend: Backend
    let table = Parameter("wte", shape: [40, 3], .zeros)
    let other = Parameter("memory", shape: [5, 3], .zeros)
    let arena: ParameterArena
    let reduction: GradientReduction

    init(training: Bool = true) throws {
      backend = try Backend(threads: 1)
      let memory = SharedNodeMemory(.alone)
      arena = ParameterArena([table, other], isTrainable: { _ in training }, in: memory, on: backend)
      reduction = GradientReduction(
        arena.blocks.map(\.range), of: arena.gradientBuffers, in: memory, communicator: .alone, on: backend)
    }

    func gradients(of table: Parameter, _ ids: [Int32]) -> SparseGradient {
      let rows = backend.matrix(ids.count, 3)
      for row in ids.indices { rows.rows(from: row, count: 1).assign([1, 2, Float(row)]) }
      return SparseGradient(table: table, lane: 0, ids: ids, rows: rows)
    }

    func add(_ gradients: [SparseGradient], to tables: [Parameter]? = nil) {
      Communicator.alone.reduceSparseGradients(
        gradients, to: tables ?? [table, other], in: arena, reduction, on: backend)
    }
  }

  @Test func rowsAreAddedInOrder() throws {
    let rank = try Rank()
    let gradient = try #require(rank.table.gradient)
    gradient.fill(10)
    rank.add([rank.gradients(of: rank.table, [39, 2]), rank.gradients(of: rank.table, [2])])
    #expect(gradient.rows(from: 39, count: 1).elements == [11, 12, 10])
    #expect(gradient.rows(from: 2, count: 1).elements == [12, 14, 11])
    #expect(gradient.elements.count { $0 != 10 } == 5)
  }

  /// Rows go to the table that they are of.
  @Test func tablesAreKeptApart() throws {
    let rank = try Rank()
    rank.add([rank.gradients(of: rank.table, [1]), rank.gradients(of: rank.other, [2, 1])])
    #expect(rank.table.gradient?.elements == (0..<120).map { [3: 1, 4: 2][$0] ?? 0 })
    #expect(rank.other.gradient?.elements == [0, 0, 0, 1, 2, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0])
  }

  /// A rank of captions of one token looks nothing up, and one of a frozen table has nothing to add.
  @Test(arguments: [true, false]) func nothingToAdd(training: Bool) throws {
    let rank = try Rank(training: training)
    rank.add([])
    #expect(rank.table.gradient.map { $0.elements.allSatisfy { $0 == 0 } } ?? !training)
  }

  #if compiler(>=6.2)
    @Test func rowsOfATableThatOthersDoNotKnow() async throws {
      let ending = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let rank = try Rank()
        rank.add([rank.gradients(of: rank.other, [2])], to: [rank.table])
      }
      // The release build ends without a word.
      #if DEBUG
        #expect(String(decoding: ending.standardErrorContent, as: UTF8.self).contains("rows of “memory”"))
      #endif
    }
  #endif
}
