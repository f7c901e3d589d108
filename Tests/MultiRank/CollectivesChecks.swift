import Collectives
import Essentials
import Foundation
import Tensors

/// Checks of the collectives, for any number of ranks: says what failed and exits with 1, or says nothing.
@main
struct CollectivesChecks {
  let communicator: Communicator
  let backend: Backend
  private var failures = 0

  static func main() throws {
    var checks = CollectivesChecks(communicator: try Communicator.world(), backend: try Backend(threads: 1))
    for count in [1, 2, 7, 1000, 100_003] { checks.sumIsTheTrees(count: count) }
    for count in [1, 40, 1000, 30_001] { checks.aLineIsSummedAndShared(count: count) }
    checks.gatherTakesUnevenParts()
    checks.aFailureIsEverybodys()
    let failed = checks.communicator.any(checks.failures > 0)
    checks.communicator.finalize()
    exit(failed ? 1 : 0)
  }

  init(communicator: Communicator, backend: Backend) {
    self.communicator = communicator
    self.backend = backend
  }

  private mutating func check(_ condition: Bool, _ what: String) {
    guard !condition else { return }
    failures += 1
    FileHandle.standardError.write(Data("rank \(communicator.rank) of \(communicator.size): \(what)\n".utf8))
  }

  /// What a rank contributes to an element: of many magnitudes, so that another order of additions shows.
  private static func contribution(rank: Int, element: Int) -> Float {
    var random = CounterRandom(seed: UInt64(element), stream: UInt64(rank))
    return Float(random.normal() * exp(4 * random.normal()))
  }

  /// The sum is the balanced tree's, bit for bit, for lengths that do not divide by the ranks.
  private mutating func sumIsTheTrees(count: Int) {
    let line = backend.matrix(1, count)
    for element in 0..<count {
      line.pointer[element] = Self.contribution(rank: communicator.rank, element: element)
    }
    communicator.treeSum(line, on: backend)
    for element in stride(from: 0, to: count, by: count > 1000 ? 997 : 1) {
      var sum = LaneSum(count: 1, on: backend)
      for rank in 0..<communicator.size {
        sum.add { $0.pointee = Self.contribution(rank: rank, element: element) }
      }
      check(line.pointer[element] == sum.total().elements[0], "treeSum of \(count), element \(element)")
    }
  }

  /// Owners get the tree's sums, whether all ranks say at once that they are done or bit by bit; every block has one
  /// owner; what owners write comes to all ranks, and to rank 0 what they keep for themselves.
  private mutating func aLineIsSummedAndShared(count: Int) {
    var random = CounterRandom(seed: UInt64(count), stream: "blocks")
    var blocks: [Range<Int>] = []
    while (blocks.last?.upperBound ?? 0) < count {
      let start = blocks.last?.upperBound ?? 0
      // Some blocks are followed by a gap.
      let end = min(count, start + 1 + Int(random.uniform() * 700))
      blocks.append(start..<(end - start > 3 && end < count ? end - 3 : end))
      if end == count { break }
    }
    let memory = NodeMemory(communicator)
    memory.reserve(shared: 2 * count, ranked: count)
    let (values, moments, lines) = (
      memory.sharedLine(count), memory.sharedLine(count), memory.rankLines(count)
    )
    check(UInt(bitPattern: lines.own.pointer) % 64 == 0, "lines are aligned")
    check(lines.all.allSatisfy { $0.elements.allSatisfy { $0 == 0 } }, "lines start as zeros")
    let reduction = LineReduction(
      blocks, of: lines, in: memory, bucketFloats: 4096, communicator: communicator, on: backend)
    let covered = blocks.reduce(0) { $0 + $1.count }
    for pass in 0..<3 {
      for element in 0..<count {
        lines.own.pointer[element] = Self.contribution(rank: communicator.rank, element: element + pass)
      }
      if pass > 0 {
        for front in stride(from: 0, to: count, by: 1 + count / (3 + communicator.rank)) {
          reduction.advance(to: front)
        }
      }
      reduction.finish()
      var squares: [Double] = []
      for block in blocks {
        var expected = [Float](repeating: 0, count: block.count)
        for (index, element) in block.enumerated() {
          var sum = LaneSum(count: 1, on: backend)
          for rank in 0..<communicator.size {
            sum.add { $0.pointee = Self.contribution(rank: rank, element: element + pass) }
          }
          expected[index] = sum.total().elements[0]
        }
        squares.append(backend.kernels.sum_of_squares(expected, expected.count))
        guard let index = blocks.firstIndex(of: block), reduction.owns(index) else { continue }
        let found = UnsafeBufferPointer(start: lines.own.pointer + block.lowerBound, count: block.count)
        check(Array(found) == expected, "sum of block \(index) of \(count), pass \(pass)")
      }
      check(reduction.norm() == squares.laneSum().squareRoot(), "norm of \(count)")
      for block in reduction.owned.map({ blocks[$0] }) {
        for element in block { values.pointer[element] = Float(element + pass) }
        for element in block { moments.pointer[element] = Float(element - pass) }
      }
      reduction.exchangeBlocks(of: values)
      reduction.endUpdate()
      check(
        blocks.allSatisfy { $0.allSatisfy { values.pointer[$0] == Float($0 + pass) } },
        "values of \(count) on all ranks")
      let copy = communicator.isRoot ? backend.matrix(1, count) : nil
      reduction.gather(moments, into: copy)
      if let copy {
        check(
          blocks.allSatisfy { $0.allSatisfy { copy.pointer[$0] == Float($0 - pass) } },
          "moments of \(count) on rank 0")
      }
      communicator.barrier()
    }
    let owners = communicator.allGather(reduction.owned.map { blocks[$0].count }).joined().reduce(0, +)
    let isEveryones = reduction.owned.count == blocks.count
    check(owners == covered || isEveryones && owners == covered * communicator.size, "one owner a block")
  }

  private mutating func gatherTakesUnevenParts() {
    let mine = Array(repeating: UInt16(communicator.rank), count: communicator.rank)
    let expected = (0..<communicator.size).map { Array(repeating: UInt16($0), count: $0) }
    check(communicator.allGather(mine) == expected, "allGather of uneven parts")
    check(communicator.any(communicator.rank == communicator.size - 1), "any, of one")
    check(!communicator.any(false), "any, of none")
  }

  private mutating func aFailureIsEverybodys() {
    do {
      try communicator.together {
        if communicator.rank == communicator.size - 1 { throw Failure.badData("torn") }
      }
      check(false, "together went on")
    } catch let shared as SharedFailure {
      check(
        shared.failure.kind == .badData && shared.failure.description.hasSuffix("torn"), "together's failure")
    } catch {
      check(false, "together threw \(error)")
    }
  }
}
