import Foundation
import Support
import Testing

@testable import Training

@Suite struct LaunchConsistencyTests {
  private let usual = ["the program", "aa", "the configuration", "train:\n  steps: 3\n", "/data/a.h5", "bb"]

  private func sentence(_ change: (inout [String]) -> Void) -> String {
    var other = usual
    change(&other)
    return LaunchConsistency.failure(usual, other, "rank 0 (a)", "rank 2 (b)").description
  }

  @Test func theFirstDifferenceIsNamed() {
    #expect(sentence { $0[1] = "ab" }.hasPrefix("The programs of rank 0 (a) and rank 2 (b) differ;"))
    #expect(
      sentence { $0[3] = "train:\n  steps: 4\n" }.contains("differ (“steps: 3” and “steps: 4”); start all"))
    #expect(
      sentence { $0[5] = "cc" }.hasPrefix("/data/a.h5 is not the same file on rank 0 (a) and rank 2 (b);"))
    #expect(
      sentence { $0 += ["/data/b.h5", "dd"] }.hasPrefix("The list of files that the configuration names"))
  }

  @Test func aSampleTellsFilesApart() throws {
    let path = NSTemporaryDirectory() + "sample-\(UUID().uuidString)"
    func fingerprint(_ bytes: Data) throws -> Fingerprint {
      try bytes.write(to: URL(fileURLWithPath: path))
      return try Fingerprint(samplingFile: path)
    }
    let bytes = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let first = try fingerprint(bytes)
    #expect(try fingerprint(bytes) == first)
    #expect(try fingerprint(bytes.dropLast()) != first)
    for place in [0, 99_999] {
      var changed = bytes
      changed[place] ^= 1
      #expect(try fingerprint(changed) != first)
    }
    #expect(try fingerprint(Data()) != first)
  }
}
