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
