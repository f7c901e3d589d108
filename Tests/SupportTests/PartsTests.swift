import Support
import Testing

@Suite struct PartsTests {
  @Test(arguments: [0, 1, 7, 8, 100]) func partsAreConsecutiveAndEven(count: Int) {
    for parts in 1...9 {
      let ranges = (0..<parts).map { count.part($0, of: parts) }
      #expect(ranges.flatMap(Array.init) == Array(0..<count))
      let sizes = ranges.map(\.count)
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      for first in 0..<parts {
        #expect(Array(count.parts(first..<parts, of: parts)) == ranges[first...].flatMap(Array.init))
      }
    }
  }

  @Test func prefixSumsBeginWithZero() {
    #expect([3, 0, 2].prefixSums() == [0, 3, 3, 5])
    #expect([Int32]().prefixSums() == [0])
  }
}
