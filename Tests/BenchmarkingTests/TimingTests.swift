import Benchmarking
import Testing

@Test func timingTakesTheMedian() {
  #expect(Timing([3, 1, 2]) == Timing([1, 2, 3]))
  #expect(Timing([3, 1, 2]).median == 2)
  #expect(Timing([4, 1, 2, 3]).median == 2.5)
  #expect(Timing([4, 1, 2, 3]).best == 1)
  var runs = 0
  #expect(Timing(count: 3, warmup: 2) { runs += 1 }.count == 3)
  #expect(runs == 5)
}
