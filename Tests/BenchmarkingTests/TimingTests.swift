import Collectives
import Tensors
import Testing

@testable import Benchmarking

@Test func timingTakesTheMedian() {
  #expect(Timing([3, 1, 2]) == Timing([1, 2, 3]))
  #expect(Timing([3, 1, 2]).median == 2)
  #expect(Timing([4, 1, 2, 3]).median == 2.5)
  #expect(Timing([4, 1, 2, 3]).best == 1)
  var runs = 0
  #expect(Timing(count: 3, warmup: 2) { runs += 1 }.count == 3)
  #expect(runs == 5)
}

@Test func calmRunsAreToldFromBusyOnes() throws {
  let timing = Timing([3, 1, 2, 9], isCalm: [true, true, false, true])
  #expect(timing.median == 2.5)
  #expect(timing.calm?.median == 3 && timing.calm?.count == 3)
  #expect(timing.busy == Timing.Part([2]))
  #expect(Timing([1], isCalm: [true]).busy == nil)
  #expect(timing.facts("s") { "\($0)" }.map(\.value) == ["3.0", "2.0"])
}

/// A core that a neighbour slows to half its additions is busy.
@Test func coresTellOfNeighbours() throws {
  let stopwatch = Stopwatch(.alone, on: try Backend(threads: 2))
  let sample = stopwatch.sample {}
  #expect(sample.additions > 0)
  let halved = Stopwatch.Sample(seconds: 1, additions: sample.additions / 2)
  #expect(stopwatch.timing([sample, halved]).busy?.count ?? 0 >= 1)
}
