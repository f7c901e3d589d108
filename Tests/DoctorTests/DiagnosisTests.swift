import Collectives
import Foundation
import Testing

@testable import Doctor
@testable import Support

@Suite struct DiagnosisTests {
  private func rank(_ rank: Int = 0, _ change: (inout RankFacts) -> Void = { _ in }) -> RankFacts {
    var facts = Self.healthy
    facts.rank = rank
    change(&facts)
    return facts
  }

  /// Four cores, to which one rank is not bound.
  private static let healthy: RankFacts = {
    var facts = RankFacts(.alone)
    facts.host = "ada"
    facts.machineCores = 4
    facts.cores = [0, 1, 2, 3]
    facts.launcherCores = 4
    facts.quotas = []
    facts.threads = 4
    facts.instructionSets = ["avx512", "avx2", "portable"]
    facts.instructionSet = "avx512"
    facts.wantedInstructionSet = nil
    facts.blas = "OpenBLAS 0.3.21"
    facts.blasCore = "SkylakeX"
    facts.bestBLASCore = "SkylakeX"
    facts.isBLASCoreAdequate = true
    facts.wantedBLASCore = nil
    facts.blasSpeed = 90
    facts.peakSpeed = 100
    return facts
  }()

  private func examination(_ ranks: [RankFacts], debug: Bool = false) -> MachineReport {
    MachineReport(mpi: "Open MPI v4.1.4", hdf5: "1.10.8", isDebugBuild: debug, ranks: ranks)
  }

  /// Expects one problem that names all of `parts`.
  private func expect(
    _ parts: String..., of ranks: [RankFacts], debug: Bool = false,
    at location: SourceLocation = #_sourceLocation
  ) {
    let problems = examination(ranks, debug: debug).problems
    #expect(problems.count == 1, "\(problems)", sourceLocation: location)
    for part in parts {
      #expect(problems.first?.contains(part) == true, "\(part): \(problems)", sourceLocation: location)
    }
  }

  @Test func healthyMachineHasNoProblems() {
    #expect(examination([rank()]).problems == [])
    #expect(examination([rank()]).text.hasSuffix("\nNothing is wrong."))
    let sharers = (0..<4).map { rank($0) { $0.threads = 1 } }
    #expect(examination(sharers).problems == [])
    // As run.threads wants it.
    #expect(examination([rank { $0.threads = 1 }]).problems == [])
    // Three ranks cannot use four cores evenly.
    #expect(examination((0..<3).map { rank($0) { $0.threads = 1 } }).problems == [])
  }

  @Test func debugBuild() { expect("swift build -c release", of: [rank()], debug: true) }

  @Test func instructionSetHeldBack() {
    let held = rank {
      $0.wantedInstructionSet = "avx2"
      $0.instructionSet = "avx2"
    }
    expect("CAPSTAN_ISA", "avx2", "avx512", "unset it", of: [held])
    let unknown = rank {
      $0.wantedInstructionSet = "sse9"
      $0.instructionSet = nil
    }
    expect("“sse9”", "avx512, avx2, portable", "unset it", of: [unknown])
    #expect(examination([rank { $0.wantedInstructionSet = "avx512" }]).problems == [])
  }

  @Test func coreHeldBackByTheEnvironment() {
    let held = rank {
      $0.blasCore = "Haswell"
      $0.isBLASCoreAdequate = false
      $0.wantedBLASCore = "Haswell"
      $0.blasSpeed = 45
    }
    expect("OPENBLAS_CORETYPE", "Haswell", "SkylakeX", "unset it", of: [held])
    let both = [
      rank(0) {
        $0 = held
        $0.threads = 2
      },
      rank(1) {
        $0 = held
        $0.threads = 2
      },
    ]
    expect("OPENBLAS_CORETYPE", of: both)
  }

  @Test func coreThatOpenBLASLacks() {
    let lacking = rank {
      $0.blasCore = "Haswell"
      $0.isBLASCoreAdequate = false
      $0.wantedBLASCore = "SkylakeX"
    }
    expect("has no SkylakeX kernels", "DYNAMIC_ARCH", of: [lacking])
  }

  @Test func slowBLAS() {
    expect("only 60 %", "rank 0 (ada)", of: [rank { $0.blasSpeed = 60 }])
    let slow = (0..<3).map { number in
      rank(number) {
        $0.threads = 1
        $0.blasSpeed = 60 - Double(number)
      }
    }
    expect("only 58 %", "rank 2 (ada)", "2 other ranks", of: slow)
    #expect(examination([rank { $0.blasSpeed = 71 }]).problems == [])
    let unknown = rank {
      $0.blasSpeed = 1
      $0.peakSpeed = nil
    }
    #expect(examination([unknown]).problems == [])
  }

  @Test func ranksWithDifferentKernels() {
    let ranks = [
      rank(0) { $0.threads = 2 },
      rank(1) {
        $0.threads = 2
        $0.blasCore = "Cooperlake"
      },
    ]
    expect("OpenBLAS 0.3.21 Cooperlake; OpenBLAS 0.3.21 SkylakeX", of: ranks)
  }

  @Test func moreRanksThanCores() {
    expect("5 ranks", "4 cores of ada", of: (0..<5).map { rank($0) { $0.threads = 1 } })
    // Each host is looked at for itself.
    let spread = (0..<8).map { number in
      rank(number) {
        $0.host = number < 4 ? "ada" : "grace"
        $0.threads = 1
      }
    }
    #expect(examination(spread).problems == [])
  }

  @Test func moreThreadsThanCores() {
    expect(
      "6 threads of 2 ranks", "4 cores of ada", "run.threads to 2",
      of: (0..<2).map { rank($0) { $0.threads = 3 } })
  }

  @Test func ranksBoundToFewCores() {
    let bound = (0..<2).map { number in
      rank(number) {
        $0.cores = [number]
        $0.threads = 1
      }
    }
    expect("2 of the 4 cores", "--bind-to none", "to use 4", of: bound)
    // All on one core.
    expect(
      "1 of the 4 cores",
      of: (0..<4).map {
        rank($0) {
          $0.cores = [0]
          $0.threads = 1
        }
      })
    // What the scheduler gave to the launcher is all there is.
    let given = bound.map { facts in
      var facts = facts
      facts.launcherCores = 2
      return facts
    }
    #expect(examination(given).problems == [])
  }

  @Test func processorQuota() {
    func ranks(_ count: Int, threads: Int, quota: Double) -> [RankFacts] {
      (0..<count).map { number in
        rank(number) {
          $0.threads = threads
          $0.quotas = [ProcessorQuota(group: 7, cores: quota)]
        }
      }
    }
    expect(
      "may use 0.5 of the machine's 4 cores on ada", "1 thread (1 rank)", "raise the limit",
      of: ranks(1, threads: 1, quota: 0.5))
    expect("may use 2.5 of", "4 threads (1 rank)", "run.threads to 2", of: ranks(1, threads: 4, quota: 2.5))
    expect("may use 2 of", "4 threads (4 ranks)", "at most 2 ranks", of: ranks(4, threads: 1, quota: 2))
    #expect(examination(ranks(2, threads: 1, quota: 2)).problems == [])
    #expect(
      examination(ranks(1, threads: 2, quota: 2)).text.contains("4 cores, of which the container may use 2\n")
    )
    #expect(examination(ranks(1, threads: 4, quota: 8)).text.contains("4 cores\n"))
    // Groups of their own.
    var apart = ranks(2, threads: 2, quota: 2)
    apart[1].quotas[0].group = 8
    #expect(examination(apart).problems == [])
    // To be free of one core would gain nothing.
    var bound = ranks(1, threads: 1, quota: 1)
    bound[0].cores = [0]
    #expect(examination(bound).problems == [])
  }

  @Test func looksAtThisMachine() throws {
    let found = try MachineReport(.alone)
    let facts = try #require(found.ranks.first)
    #expect(found.ranks.count == 1)
    #expect(facts.blasSpeed > 0)
    #expect(facts.memory >= facts.availableMemory && facts.availableMemory > 0)
    #expect(facts.instructionSets.last == "portable")
    #expect(facts.threads == threadsPerRank(.alone))
    // No product is faster than multiply-adds alone; the margin is for a clock that changes meanwhile.
    if let peak = facts.peakSpeed { #expect(facts.blasSpeed < 1.5 * peak) }
  }

  @Test func reportNamesCoresAsRanges() {
    #expect(examination([rank { $0.cores = [0, 1, 2, 5, 7, 8] }]).text.contains("cores 0-2, 5, 7-8,"))
    #expect(examination([rank { $0.cores = [3] }]).text.contains("core 3,"))
  }

  @Test func reportForPrograms() throws {
    let json = try examination([rank()], debug: true).json
    let report = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect((report?["problems"] as? [String])?.count == 1)
    #expect((report?["found"] as? [String: Any])?["hdf5"] as? String == "1.10.8")
  }
}
