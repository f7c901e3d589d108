import Testing

@testable import Collectives

@Suite struct StallWatchTests {
  @Test func ranksAreNamedByHost() {
    let hosts = ["a", "a", "b", "b", "c"]
    #expect(StallWatch.names(of: [4], hosts) == "rank 4 (c)")
    #expect(StallWatch.names(of: [2, 3], hosts) == "ranks 2 and 3 (b)")
    #expect(StallWatch.names(of: [0, 2, 3, 4], hosts) == "rank 0 (a), ranks 2 and 3 (b), and rank 4 (c)")
  }
}
