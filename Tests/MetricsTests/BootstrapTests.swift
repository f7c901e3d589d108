import Foundation
import Support
import Testing

@testable import Metrics

@Suite struct BootstrapTests {
  private func scores(_ change: (String) -> String = { $0 }) throws -> CaptionScores {
    let golden = try GoldenScores.named("captions")
    return try CaptionScores(
      candidates: golden.candidates.mapValues(change), references: golden.references)
  }

  @Test func intervalsHoldTheScoreAndFollowTheSeed() throws {
    let scores = try scores()
    let intervals = try Bootstrap(resamples: 200, seed: 1).intervals(of: scores)
    #expect(Set(intervals.keys) == Set(scores.metrics))
    for (metric, interval) in intervals {
      let score = try #require(scores[metric])
      #expect(interval.low < score && score < interval.high, "\(metric)")
    }
    #expect(try Bootstrap(resamples: 200, seed: 1).intervals(of: scores) == intervals)
    #expect(try Bootstrap(resamples: 200, seed: 2).intervals(of: scores) != intervals)
  }

  /// The middle 95 per cent of a mean reach about 1.96 standard errors to each side.
  @Test func theIntervalOfAMeanIsThatOfTheory() throws {
    let scores = try scores()
    let values = scores.images.map(\.rougeL)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    let expected = 2 * 1.96 * (variance / Double(values.count)).squareRoot()
    let interval = try #require(try Bootstrap(resamples: 2000).intervals(of: scores)[.rougeL])
    #expect(abs((interval.high - interval.low) / expected - 1) < 0.1)
  }

  @Test func aWorseSystemIsTold() throws {
    let (good, bad) = (try scores(), try scores { $0.split(separator: " ").prefix(2).joined(separator: " ") })
    let differences = try Bootstrap(resamples: 200).differences(of: good, from: bad)
    let cider = try #require(differences[.cider])
    #expect(cider.difference > 0 && cider.interval.low > 0 && cider.pValue < 0.05)
    let none = try #require(try Bootstrap(resamples: 200).differences(of: good, from: good)[.cider])
    #expect(none.difference == 0 && none.pValue == 1)
    #expect(none.interval == Bootstrap.Interval(low: 0, high: 0))
  }

  /// Without a 4-gram in common BLEU-4 is what its smoothing makes of nothing, some 1e-5, which differs between systems.
  @Test func whatOnlySmoothingTellsApartIsNoDifference() throws {
    let references = Dictionary(uniqueKeysWithValues: (0..<8).map { ("\($0)", ["a dog runs on the \($0)"]) })
    func scores(_ caption: String) throws -> CaptionScores {
      try CaptionScores(candidates: references.mapValues { _ in caption }, references: references)
    }
    let differences = try Bootstrap(resamples: 200).differences(
      of: scores("a dog on the moon"), from: scores("a cat sits there"))
    let bleu4 = try #require(differences[.bleu4])
    #expect(bleu4.difference > 0 && bleu4.difference < 1e-3)
    #expect(bleu4.pValue == 1)
    #expect(try #require(differences[.bleu1]).pValue < 0.05)
  }

  @Test func otherImagesAndFewResamplesAreRefused() throws {
    let scores = try scores()
    let other = try CaptionScores(candidates: ["x": "a"], references: ["x": ["a"]])
    #expect(throws: Failure.self) { try Bootstrap().differences(of: scores, from: other) }
    #expect(throws: Failure.self) { try Bootstrap(resamples: 99) }
  }
}
