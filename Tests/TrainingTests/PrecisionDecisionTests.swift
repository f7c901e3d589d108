import Collectives
import Foundation
import Tensors
import Testing

@testable import Runs
@testable import Training

@Suite struct PrecisionDecisionTests {
  typealias Verdict = PrecisionDecision.Verdict

  /// GFLOP/s as they were found on a Zen 5, and on an Intel processor without its AMX.
  @Test(arguments: [
    ([Verdict.tiles], Precision.bfloat16), ([.none(instructionSet: "avx2")], .float32),
    ([.pairs(bfloat16: 390, float32: 200)], .bfloat16), ([.pairs(bfloat16: 44, float32: 150)], .float32),
    // Rounding has to pay.
    ([.pairs(bfloat16: 160, float32: 150)], .float32),
    ([.tiles, .tiles], .bfloat16), ([.tiles, .none(instructionSet: "avx2")], .float32),
  ])
  func whatIsFasterOnAllRanks(verdicts: [Verdict], precision: Precision) {
    let decision = PrecisionDecision(of: verdicts)
    #expect(decision.precision == precision)
    #expect(decision.reason?.contains(precision.rawValue) == true)
  }

  @Test func figuresAreTold() {
    let reason = PrecisionDecision(of: [.tiles, .pairs(bfloat16: 44.4, float32: 150.2)]).reason ?? ""
    #expect(reason.contains("44") && reason.contains("150") && reason.contains("rank 1"))
  }

  @Test func productsAreTimed() throws {
    for precision in Precision.allCases { #expect(try Verdict.productSpeed(in: precision) > 0) }
  }

  @Test func whatIsSettledIsNotDecided() throws {
    let settled = try PrecisionDecision(.bfloat16, recorded: .float32, .alone)
    #expect(settled.precision == .bfloat16 && settled.reason == nil)
  }

  /// Whatever this processor is faster at.
  @Test(arguments: Precision.allCases) func aRunKeepsWhatItBeganWith(precision: Precision) throws {
    let tiny = try TinyRun("train.precision=\(precision.rawValue)", precision: precision)
    let path = tiny.directory.path
    func recorded(_ resume: ResumePolicy) -> Precision? { resume.recordedPrecision(in: path) }
    #expect(recorded(.automatically) == nil)
    try tiny.train()
    let checkpoint = tiny.checkpoints.directory(ofStep: 3)
    for resume in [ResumePolicy.automatically, .intact, .from(checkpoint)] {
      #expect(recorded(resume) == precision)
      #expect(try PrecisionDecision(.auto, recorded: recorded(resume), .alone).precision == precision)
    }
    #expect(recorded(.never) == nil)
    // Stopped before its first checkpoint, it has a configuration.
    for step in tiny.checkpoints.steps {
      try FileManager.default.removeItem(atPath: tiny.checkpoints.directory(ofStep: step))
    }
    #expect(recorded(.automatically) == precision)
  }
}
