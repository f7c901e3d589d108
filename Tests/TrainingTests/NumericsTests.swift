import Foundation
import Support
import Testing

@testable import Configuration
@testable import Runs
@testable import Training

@Suite struct LossStatisticsTests {
  @Test func aWholeWindowCountsEvenly() throws {
    var statistics = LossStatistics()
    for loss in [2.0, 4, 6, 8] {
      #expect(statistics.zScore(of: loss, window: 4) == nil)
      statistics.add(loss, window: 4)
    }
    #expect(statistics.mean == 5 && statistics.variance == 5)
    #expect(statistics.zScore(of: 5 + 2 * 5.0.squareRoot(), window: 4) == 2)
  }

  /// After five windows there is little left of a level (0.75²⁰), and after one step a quarter is new.
  @Test func whatLiesFarBackFadesAway() {
    var statistics = LossStatistics()
    for _ in 0..<4 { statistics.add(8, window: 4) }
    #expect(statistics.zScore(of: 9, window: 4) == nil, "no deviation to measure by")
    statistics.add(4, window: 4)
    #expect(statistics.mean == 7 && statistics.variance == 3)
    for _ in 0..<20 { statistics.add(4, window: 4) }
    #expect(abs(statistics.mean - 4) < 0.02)
  }

  @Test func survivesACheckpointBitwise() throws {
    var statistics = LossStatistics()
    for loss in [0.1, 1 / 3.0, 2.7182818] { statistics.add(loss, window: 50) }
    let read = try JSONDecoder().decode(LossStatistics.self, from: JSONEncoder().encode(statistics))
    #expect(read.mean.bitPattern == statistics.mean.bitPattern)
    #expect(read.variance.bitPattern == statistics.variance.bitPattern)
  }
}

@Suite struct SpikeDetectorTests {
  private func section(_ change: (inout NumericsSection) -> Void) -> NumericsSection {
    var section = NumericsSection()
    section.spikeWindow = 4
    change(&section)
    return section
  }

  @Test(arguments: [(Double.nan, 1.0), (1, .infinity), (-.infinity, .nan), (1, 1e20)])
  func endsTheRunAfterAsManyInARow(loss: Double, norm: Double) {
    var state = SpikeDetector()
    let section = section { $0.skipLimit = 2 }
    func evaluate(_ loss: Double, _ norm: Double) -> StepDecision {
      state.evaluate(loss: loss, norm: norm, by: section)
    }
    for _ in 0..<2 {
      #expect(evaluate(loss, norm) == .nonFinite(endsRun: false))
      #expect(evaluate(loss, norm) == .nonFinite(endsRun: false))
      #expect(evaluate(1, 1) == .usual(zScore: nil))
    }
    #expect(state.skipped == 4 && state.nonFiniteInARow == 0 && state.losses.count == 2)
    for _ in 0..<2 { #expect(!evaluate(loss, norm).updates) }
    #expect(evaluate(loss, norm) == .nonFinite(endsRun: true))
  }

  @Test func theFirstEndsTheRunUnlessToldOtherwise() {
    var state = SpikeDetector()
    #expect(state.evaluate(loss: .nan, norm: 1, by: NumericsSection()) == .nonFinite(endsRun: true))
  }

  @Test(arguments: [SpikeAction.warn, .skip]) func spikes(action: SpikeAction) throws {
    var state = SpikeDetector()
    let section = section { $0.spikeAction = action }
    func evaluate(_ loss: Double) -> StepDecision { state.evaluate(loss: loss, norm: 1, by: section) }
    for loss in [2.0, 4, 6, 8] { #expect(evaluate(loss).updates) }
    // A loss that falls is no spike, however fast.
    #expect(evaluate(-100).incident == nil)
    state = SpikeDetector()
    for loss in [2.0, 4, 6, 8] { #expect(evaluate(loss).incident == nil) }
    let verdict = evaluate(50)
    #expect(verdict.incident == .spike && verdict.updates == (action == .warn))
    #expect(try #require(verdict.zScore) > 20)
    #expect(state.skipped == (action == .skip ? 1 : 0))
    // What stays high is soon what is usual.
    #expect(evaluate(50).incident == nil)
  }

  @Test func noThresholdNoSpikes() {
    var state = SpikeDetector()
    let section = section { $0.spikeThreshold = nil }
    for loss in [2.0, 4, 6, 8, 1e9] {
      #expect(state.evaluate(loss: loss, norm: 1, by: section).incident == nil)
    }
  }
}

@Suite struct StepTraceTests {
  private static let names = ["a", "b", "b", "c"]

  private func trace(_ step: Int, loss: Double = 1, norm: Double = 2, blocks: [String] = names) -> StepTrace {
    StepTrace(step: step, loss: loss, norm: norm, blocks: blocks.map { Fingerprint(of: Data($0.utf8)) })
  }

  private func difference(_ a: [StepTrace], _ b: [StepTrace]) -> String? {
    StepTrace.difference(between: a, and: b, names: Self.names)
  }

  @Test func sameBits() {
    #expect(difference([trace(1), trace(2, loss: .nan)], [trace(1), trace(2, loss: -.nan)]) == nil)
  }

  @Test func theFirstDifferenceIsNamed() throws {
    let loss = try #require(difference([trace(1), trace(2)], [trace(1), trace(2, loss: 1.nextUp)]))
    #expect(loss.contains("step 2") && loss.contains("the loss (1.0 and 1.0000000000000002)"))
    #expect(!loss.contains("norm") && !loss.contains("parameters"))
    let norm = try #require(difference([trace(1, norm: 0)], [trace(1, norm: -0.0)]))
    #expect(norm.contains("norm (0.0 and -0.0)"))
    let weights = try #require(
      difference([trace(3), trace(4)], [trace(3, blocks: ["a", "x", "y", "z"]), trace(4, loss: 5)]))
    #expect(weights.contains("step 3") && weights.contains("2 of 3 parameters, the first being b"))
    #expect(!weights.contains("loss"))
  }
}
