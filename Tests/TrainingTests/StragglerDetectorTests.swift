import Support
import Testing

@testable import Training

/// Steps of 10 ms on ranks that work for 8 ms of each, unless a test says otherwise.
private struct Steps {
  var pace: StragglerDetector
  private let ranks: Int
  private var time = ContinuousClock.now

  init(hosts: [String]) {
    pace = StragglerDetector(hosts: hosts)
    ranks = hosts.count
    _ = add()
  }

  mutating func add(
    seconds: Double = 0.01, work changed: [Int: Double] = [:], at phase: Timeline.Phase = .backward,
    runQueueSeconds: Double = 0
  ) -> String? {
    time += .seconds(seconds)
    let works = (0..<ranks).map { rank in
      var values = [Double](repeating: 0, count: Timeline.Phase.allCases.count + 1)
      values[Int(phase.rawValue)] = changed[rank] ?? 0.008
      values[Int(Timeline.Phase.waiting.rawValue)] = 5
      values[values.count - 1] = runQueueSeconds
      return RankTimings(values)
    }
    return pace.add(works, circumstance: nil, at: time)
  }

  mutating func addUsual(_ count: Int) { for _ in 0..<count { _ = add() } }
}

@Suite struct StragglerDetectorTests {
  @Test func usualStepsAreNotToldOf() {
    var steps = Steps(hosts: ["a", "b"])
    for _ in 0..<200 { #expect(steps.add() == nil) }
    #expect(steps.pace.newStragglers().isEmpty)
  }

  @Test func aSlowStepNamesRankHostAndPhase() {
    var steps = Steps(hosts: ["a", "b"])
    steps.addUsual(60)
    #expect(steps.add(seconds: 0.049, work: [1: 0.047]) == nil)
    #expect(
      steps.add(seconds: 0.1, work: [1: 0.095], at: .batch)
        == "0.100 s, 10 times the median: rank 1 (b) spent 0.095 s at batch building")
    #expect(
      steps.add(seconds: 0.1, work: [0: 0.095], runQueueSeconds: 0.06)
        == "0.100 s, 10 times the median: rank 0 (a) spent 0.095 s at backward, 0.060 s of it without a core")
  }

  @Test func aSlowStepInWhichNobodyWorkedLongIsTheNetworks() {
    var steps = Steps(hosts: ["a", "b"])
    steps.addUsual(60)
    #expect(steps.add(seconds: 0.2) == "0.200 s, 20 times the median: messages between ranks were slow")
  }

  @Test func aSlowHostIsNamedOnce() {
    var steps = Steps(hosts: ["a", "a", "b", "b"])
    var told: [String] = []
    for _ in 0..<200 {
      _ = steps.add(work: [3: 0.048])
      told += steps.pace.newStragglers()
    }
    #expect(told.count == 1)
    #expect(
      told.first?.hasPrefix("Host b is slow: 0.048 s of work a step, where the others need 0.008") == true)
  }

  @Test func someMillisecondsAreNoSlowHost() {
    var steps = Steps(hosts: ["a", "b"])
    for _ in 0..<25 { _ = steps.add(work: [0: 0.02]) }
    #expect(steps.pace.newStragglers().isEmpty)
  }

  @Test func onOneHostASlowRankIsNamed() {
    var steps = Steps(hosts: ["a", "a"])
    var told: [String] = []
    for _ in 0..<25 { _ = steps.add(work: [0: 0.03]) }
    told += steps.pace.newStragglers()
    #expect(told.first?.hasPrefix("Rank 0 is slow") == true)
  }
}
