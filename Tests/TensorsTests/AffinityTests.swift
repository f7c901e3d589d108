import Testing

@testable import Tensors

@Suite struct AffinityTests {
  @Test func numbersCoresFromTheMasksEnd() {
    #expect(Affinity(mask: "3").coreNumbers == [0, 1])
    #expect(Affinity(mask: "00000001,80000010").coreNumbers == [4, 31, 32])
    #expect(Affinity(mask: "00000001,80000010").cores == 3)
  }

  @Test func ofProcesses() {
    #expect(Affinity.current.cores >= 1)
    #expect(Affinity(of: -1) == nil)
  }
}
