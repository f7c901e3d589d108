import Foundation
import Fuzzing
import Support

/// One run to which one thing is done.
final class Trial {
  let workload: Workload
  let kind: Workload.Kind
  /// Of the first job; later ones have others.
  let ranks: Int
  /// The run directory.
  let directory: String
  /// What is drawn for this trial alone.
  var random: Mutations
  private let one: Case
  private let folder: String
  private let name: String
  private var jobs = 0
  /// Which jobs there were, to find one's way in a failure.
  private var story: [String] = []

  init(of one: Case, number: Int, seed: UInt64, with workload: Workload) throws {
    self.one = one
    self.workload = workload
    name = "\(one.name)-\(number)"
    // Of the case's own, whichever others are tried.
    let stream = one.name.utf8.reduce(seed) { ($0 &* 0x100_0000_01b3) ^ UInt64($1) }
    random = Mutations(seed: stream, number: number)
    let drawn = random.element(of: Workload.Kind.allCases)
    kind = one.kind ?? drawn
    ranks = random.element(of: [1, 2, 2, 4])
    folder = "\(workload.folder)/\(name)"
    directory = folder + "/run"
    try DurableFile.makeDirectory(folder)
  }

  /// - Returns: nil for a failure, which is told of, and whose files are kept.
  func run(isTelling: Bool) -> Outcome? {
    defer { fflush(nil) }
    do {
      let outcome = try one.body(self)
      if isTelling {
        print("\(name), \(kind) on \(ranks) ranks: \(outcome.rawValue)\n  \(story.joined(separator: "\n  "))")
      }
      try FileManager.default.removeItem(atPath: folder)
      return outcome
    } catch {
      print(
        "FAILED: \(name), \(kind) on \(ranks) ranks: \(error)\n  \(story.joined(separator: "\n  "))\n  see \(folder)"
      )
      return nil
    }
  }

  func note(_ event: String) { story.append(event) }

  /// Starts a job.
  /// - Parameters:
  ///   - ranks: another number than the trial's, if given.
  ///   - resume: as for `--resume`; nil starts anew.
  func start(
    ranks: Int? = nil, resume: String? = nil, options: [String] = []
  ) throws -> Job {
    let ranks = ranks ?? self.ranks
    // Some jobs take each rank for a node of its own, with memory that it shares with nobody.
    let nodes: [String: String] = random.next(below: 4) == 0 ? ["CAPSTAN_RANKS_PER_NODE": "1"] : [:]
    jobs += 1
    note(
      "job \(jobs): \(ranks) ranks\(nodes.isEmpty ? "" : " on as many nodes")\(resume.map { ", --resume \($0)" } ?? "")"
    )
    return try Job(
      workload, kind, in: directory, ranks: ranks,
      options: (resume.map { ["--resume", $0] } ?? []) + options,
      environment: nodes, log: "\(folder)/job-\(jobs).log")
  }

  /// Goes on with the run on any number of ranks, to the bytes of the reference.
  /// - Parameter first: the step from which losses are compared.
  func expectReference(resume: String = "auto", losses first: Int = 1) throws {
    let ending = try start(ranks: random.element(of: [1, 2, 4]), resume: resume).wait()
    guard ending.code == 0 else {
      throw Verdict("--resume \(resume) ended with code \(ending.code): \(ending.log.suffix(2000))")
    }
    try RunFiles(directory).requireSame(as: RunFiles(workload.reference(of: kind)), losses: first)
    try RunFiles(directory).requireTidy()
  }

  /// Expects that going on is refused in one sentence.
  /// - Parameter words: that the sentence holds.
  func expectRefusal(resume: String = "auto", codes: [Int32] = [1, 64, 65], words: String = "") throws {
    let job = try start(ranks: random.element(of: [1, 2, 4]), resume: resume)
    try expectComplaint(of: job.wait(), codes: codes, words: words)
  }

  func expectComplaint(of ending: Job.Ending, codes: [Int32], words: String) throws {
    guard codes.contains(ending.code), ending.complaints.count == 1,
      words.isEmpty || ending.complaints[0].contains(words)
    else {
      throw Verdict(
        "Expected code \(codes) and one sentence with “\(words)”, but found code \(ending.code) and: "
          + ending.log.suffix(2000))
    }
    note("code \(ending.code), \(ending.complaints[0])")
  }
}

extension Mutations {
  mutating func element<Element>(of elements: [Element]) -> Element { elements[next(below: elements.count)] }
}
