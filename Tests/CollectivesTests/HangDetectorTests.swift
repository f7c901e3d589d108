import Testing

@testable import Collectives

@Suite struct HangDetectorTests {
  @Test func ranksAreNamedByHost() {
    let hosts = ["a", "a", "b", "b", "c"]
    #expect(HangDetector.names(of: [4], hosts) == "rank 4 (c)")
    #expect(HangDetector.names(of: [2, 3], hosts) == "ranks 2 and 3 (b)")
    #expect(HangDetector.names(of: [0, 2, 3, 4], hosts) == "rank 0 (a), ranks 2 and 3 (b), and rank 4 (c)")
  }
}
