import Support
import Testing

@testable import Captioning

@Suite struct DecodingOptionsTests {
  private func method(_ change: (inout DecodingOptions) -> Void) throws -> any DecodingMethod {
    var options = DecodingOptions()
    change(&options)
    return try options.decodingMethod()
  }

  private func expectUsage(_ part: String, _ change: (inout DecodingOptions) -> Void) {
    let failure = #expect(throws: Failure.self) { _ = try method(change) }
    #expect(failure?.kind == .usage)
    #expect(failure?.description.contains(part) == true, "\(failure.map(\.description) ?? "")")
  }

  @Test func whatIsLeftOutIsAsTheMethodHasIt() throws {
    #expect(try method { _ in } is GreedyDecoding)
    let beam = try #require(try method { $0.method = .beam } as? BeamSearch)
    #expect(beam.beams == 5 && beam.temperature == 1 && beam.scoring == .meanLogProbability)
    let nucleus = try #require(try method { $0.method = .nucleus } as? NucleusSampling)
    #expect(nucleus.topP == 0.9 && nucleus.temperature == 1 && nucleus.seed == 0)
  }

  @Test func lengthPenaltyIsAWordOrANumber() throws {
    let scorings: [(String, BeamSearch.Scoring)] = [
      ("reference", .meanLogProbability), ("0.7", .lengthNormalized(exponent: 0.7)),
    ]
    for (text, scoring) in scorings {
      let beam = try method {
        $0.method = .beam
        $0.lengthPenalty = text
      }
      #expect((beam as? BeamSearch)?.scoring == scoring)
    }
    for text in ["-1", "11", "nan", "long", ""] {
      expectUsage("--length-penalty") {
        $0.method = .beam
        $0.lengthPenalty = text
      }
    }
  }

  @Test func refusesOptionsOfOtherMethods() {
    expectUsage("--beams is for --method beam, but the method is greedy") { $0.beams = 3 }
    expectUsage("--temperature is for --method beam or nucleus") { $0.temperature = 1 }
    expectUsage("--top-p is for --method nucleus, but the method is beam") {
      $0.method = .beam
      $0.topP = 0.5
    }
  }

  @Test func refusesValuesOutOfRange() {
    for beams in [0, 101] {
      expectUsage("--beams is \(beams)") {
        $0.method = .beam
        $0.beams = beams
      }
    }
    for topP in [0, 1.5, .nan] {
      expectUsage("--top-p is \(topP)") {
        $0.method = .nucleus
        $0.topP = topP
      }
    }
    for temperature in [0, 101, .nan] {
      expectUsage("--temperature is \(temperature)") {
        $0.method = .nucleus
        $0.temperature = temperature
      }
    }
  }
}
