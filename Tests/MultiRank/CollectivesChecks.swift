import Collectives
import Foundation
import Support
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
    for count in [1, 40, 1000, 30_001] { checks.aLineIsSummedAndShared(count: count, transport: .float32) }
    for count in [40, 10_001] { checks.aLineIsSummedAndShared(count: count, transport: .bfloat16) }
    checks.gatherTakesUnevenParts()
    checks.allToAllTakesUnevenParts()
    checks.tablesGetTheGradientsOfOneRank()
    checks.lookedUpRowsAreFetched()
    checks.aFailureIsEverybodys()
    let failed = checks.communicator.anyRank(checks.failures > 0)
    checks.communicator.finalize()
    exit(failed ? 1 : 0)
  }

  init(communicator: Communicator, backend: Backend) {
    self.communicator = communicator
    self.backend = backend
  }

  mutating func check(_ condition: Bool, _ what: String) {
    guard !condition else { return }
    failures += 1
    FileHandle.standardError.write(Data("rank \(communicator.rank) of \(communicator.size): \(what)\n".utf8))
  }

  /// What a rank contributes to an element: of many magnitudes, so that another order of additions shows.
  private static func contribution(rank: Int, element: Int) -> Float {
    var random = Philox(seed: UInt64(element), stream: UInt64(rank))
    return Float(random.normal() * exp(4 * random.normal()))
  }

  /// The sum is the balanced tree's, bit for bit, for lengths that do not divide by the ranks.
  private mutating func sumIsTheTrees(count: Int) {
    let buffer = backend.matrix(1, count)
    for element in 0..<count {
      buffer.pointer[element] = Self.contribution(rank: communicator.rank, element: element)
    }
    communicator.treeAllReduce(buffer, on: backend)
    for element in stride(from: 0, to: count, by: count > 1000 ? 997 : 1) {
      var sum = TreeReducer(count: 1, on: backend)
      for rank in 0..<communicator.size {
        sum.add { $0.pointee = Self.contribution(rank: rank, element: element) }
      }
      check(
        buffer.pointer[element] == sum.total().elements[0], "treeAllReduce of \(count), element \(element)")
    }
  }

  /// An element summed over ranks in the balanced tree. In bfloat16 both addends are rounded where sums of nodes are
  /// added.
  private func treeAllReduce(_ ranks: Range<Int>, element: Int, _ transport: Precision, _ grid: NodeTopology)
    -> Float
  {
    guard ranks.count > 1 else { return Self.contribution(rank: ranks.lowerBound, element: element) }
    let half = 1 << (Int.bitWidth - 1 - (ranks.count - 1).leadingZeroBitCount)
    let addends = [ranks.prefix(half), ranks.dropFirst(half)].map {
      treeAllReduce($0, element: element, transport, grid)
    }
    let isRounding = transport == .bfloat16 && grid.isDivisible && ranks.count > grid.ranksPerNode
    return isRounding ? Self.rounded(addends[0]) + Self.rounded(addends[1]) : addends[0] + addends[1]
  }

  /// The nearest number of bfloat16, ties to even.
  private static func rounded(_ x: Float) -> Float {
    let bits = x.bitPattern
    return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
  }

  /// Owners get the tree's sums, whether all ranks say at once that they are done or bit by bit; every block has one
  /// owner; what owners write comes to all ranks, rounded where that is asked for, and to rank 0 what they keep for
  /// themselves.
  private mutating func aLineIsSummedAndShared(count: Int, transport: Precision) {
    var random = Philox(seed: UInt64(count), stream: "blocks")
    var blocks: [Range<Int>] = []
    while (blocks.last?.upperBound ?? 0) < count {
      let start = blocks.last?.upperBound ?? 0
      // Some blocks are followed by a gap.
      let end = min(count, start + 1 + Int(random.uniform() * 700))
      blocks.append(start..<(end - start > 3 && end < count ? end - 3 : end))
      if end == count { break }
    }
    let memory = SharedNodeMemory(communicator)
    memory.reserve(shared: 2 * count, ranked: count)
    let (values, moments, buffers) = (
      memory.sharedBuffer(count), memory.sharedBuffer(count), memory.perRankBuffers(count)
    )
    check(UInt(bitPattern: buffers.own.pointer) % 64 == 0, "buffers are aligned")
    check(buffers.all.allSatisfy { $0.elements.allSatisfy { $0 == 0 } }, "buffers start as zeros")
    let reduction = GradientReduction(
      blocks, of: buffers, in: memory, bucketFloats: 4096, transport: transport, communicator: communicator,
      on: backend)
    let precisions = blocks.indices.map { $0 % 3 == 0 ? Precision.float32 : .bfloat16 }
    let node = communicator.rank / memory.grid.ranksPerNode
    func ofNode(_ blocks: [Int]) -> [Int] {
      communicator.allGather(blocks).enumerated().flatMap {
        $0.offset / memory.grid.ranksPerNode == node ? $0.element : []
      }
    }
    let exact = Set(ofNode(reduction.owned))
    let covered = blocks.reduce(0) { $0 + $1.count }
    for pass in 0..<3 {
      for element in 0..<count {
        buffers.own.pointer[element] = Self.contribution(rank: communicator.rank, element: element + pass)
      }
      if pass > 0 {
        for front in stride(from: 0, to: count, by: 1 + count / (3 + communicator.rank)) {
          reduction.markReady(upTo: front)
        }
      }
      reduction.finish()
      var squares: [Double] = []
      for block in blocks {
        let expected = block.map {
          treeAllReduce(0..<communicator.size, element: $0 + pass, transport, memory.grid)
        }
        squares.append(backend.kernels.sum_of_squares(expected, expected.count))
        guard let index = blocks.firstIndex(of: block), reduction.owns(index) else { continue }
        let found = UnsafeBufferPointer(start: buffers.own.pointer + block.lowerBound, count: block.count)
        check(Array(found) == expected, "sum of block \(index) of \(count) in \(transport), pass \(pass)")
      }
      check(reduction.norm() == squares.treeSum().squareRoot(), "norm of \(count)")
      var arrived: [Int] = []
      reduction.updateAndAllGather(of: values, as: precisions) { updated in
        for block in updated.map({ blocks[$0] }) {
          for element in block { values.pointer[element] = Float(element + pass) }
          for element in block { moments.pointer[element] = Float(element - pass) }
        }
      } arrived: {
        arrived.append($0)
      }
      reduction.updateBarrier()
      for (index, block) in blocks.enumerated() {
        let isRounded = !exact.contains(index) && precisions[index] == .bfloat16
        let isRight = block.allSatisfy {
          values.pointer[$0] == (isRounded ? Self.rounded(Float($0 + pass)) : Float($0 + pass))
        }
        check(isRight, "values of block \(index) of \(count) on all ranks, pass \(pass)")
      }
      let others = ofNode(arrived).sorted()
      check(others == blocks.indices.filter { !exact.contains($0) }, "each block arrives once at a node")
      communicator.barrier()
      reduction.updateAndAllGather(of: values)
      reduction.updateBarrier()
      check(
        blocks.allSatisfy { $0.allSatisfy { values.pointer[$0] == Float($0 + pass) } },
        "exact values of \(count) on all ranks")
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
    check(communicator.anyRank(communicator.rank == communicator.size - 1), "any, of one")
    check(!communicator.anyRank(false), "any, of none")
  }

  /// From rank a to rank b go a · b numbers: nothing from and to rank 0.
  private mutating func allToAllTakesUnevenParts() {
    func part(from source: Int, to target: Int) -> [Float] {
      (0..<source * target).map { Float(1000 * source + 100 * target + $0) }
    }
    let ranks = 0..<communicator.size
    let received = communicator.allToAll(ranks.map { part(from: communicator.rank, to: $0) })
    check(received == ranks.map { part(from: $0, to: communicator.rank) }, "allToAll of uneven parts")
  }

  private mutating func aFailureIsEverybodys() {
    do {
      try communicator.agree {
        if communicator.rank == communicator.size - 1 { throw Failure.badData("torn") }
      }
      check(false, "together went on")
    } catch let shared as CollectiveFailure {
      check(
        shared.failure.kind == .badData && shared.failure.description.hasSuffix("torn"), "together's failure")
    } catch {
      check(false, "together threw \(error)")
    }
  }
}
