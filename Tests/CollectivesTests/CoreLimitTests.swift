import Tensors
import Testing

@testable import Collectives
@testable import Support

@Suite struct CoreLimitTests {
  /// Threads of each of some ranks.
  private func threads(_ ranks: [(host: String, mask: String, quotas: [ProcessorQuota])]) -> [Int] {
    let limits = ranks.map {
      CoreLimit.all(host: $0.host, affinity: Affinity(mask: $0.mask), quotas: $0.quotas)
    }
    let names = limits.map { Set($0.map(\.name)) }
    return limits.map { CoreLimit.threads(within: $0, named: names) }
  }

  @Test func threadsAreWholeCoresOfTheQuota() {
    func alone(_ mask: String, _ quotas: Double...) -> Int {
      threads([("a", mask, quotas.enumerated().map { ProcessorQuota(group: UInt64($0), cores: $1) })])[0]
    }
    #expect(alone("ff") == 8)
    #expect(alone("ff", 4) == 4)
    #expect(alone("ff", 2.9) == 2)
    #expect(alone("ff", 0.5) == 1)
    #expect(alone("3", 16) == 2)
    #expect(alone("ff", 6, 3) == 3)
  }

  @Test func ranksShareCoresAndQuotas() {
    let four = ProcessorQuota(group: 1, cores: 4)
    #expect(threads([("a", "ff", []), ("a", "ff", [])]) == [4, 4])
    #expect(threads([("a", "ff", [four]), ("a", "ff", [four])]) == [2, 2])
    #expect(threads((0..<8).map { _ in ("a", "ff", [four]) }) == Array(repeating: 1, count: 8))
    // Bound to cores of their own, they share the quota still.
    #expect(threads([("a", "0f", [four]), ("a", "f0", [four])]) == [2, 2])
    // The same number on another host is another group.
    #expect(threads([("a", "ff", [four]), ("b", "ff", [four])]) == [4, 4])
    // Containers of one pod, of which one has a limit of its own as well.
    let own = ProcessorQuota(group: 2, cores: 1)
    #expect(threads([("a", "ff", [four, own]), ("b", "ff", []), ("a", "ff", [four])]) == [1, 8, 2])
  }
}
