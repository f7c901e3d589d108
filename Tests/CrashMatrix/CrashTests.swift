import ArgumentParser
import Foundation
import Fuzzing
import Support

/// Breaks training runs on purpose and sees that nothing is lost.
@main
struct CrashTests: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crash-tests",
    abstract: "Kills, stops, starves and damages training runs, and sees how they go on.",
    discussion: """
      Each trial makes one run of one case. What is drawn at random (ranks, victim, moment, byte) follows from the seed,
      the case and the trial's number; when a signal arrives depends on the machine too. A trial ends well when the run
      goes on to the very bytes of a run that nothing has befallen, or refuses in one sentence where it should.
      """)

  @Option(help: "The program that is tested; beside this one unless given.")
  var capstan: String?
  @Option(help: "Another seed draws other moments and places.")
  var seed: UInt64 = 1
  @Option(help: "A regular expression that names of cases must hold.")
  var cases = ""
  @Flag(help: "One trial of some cases: under a minute.")
  var short = false
  @Option(help: "Trials of each case; as many as the case asks for unless given.")
  var trials: Int?
  @Flag(help: "Tells what happened to each run.")
  var verbose = false
  @Flag(help: "Lists the cases and ends.")
  var list = false

  func run() throws {
    let pattern = try Regex(cases)
    let chosen = Case.all.filter { $0.name.contains(pattern) && (!short || $0.isShort) }
    guard !list else {
      for one in chosen { print("\(one.name) × \(one.trials)") }
      return
    }
    let start = ContinuousClock.now
    let folder = FileManager.default.temporaryDirectory.appending(path: "crash-\(getpid())").path
    let workload = try Workload(in: folder, capstan: capstan ?? Self.neighbour("capstan"))
    var tally = Tally()
    for one in chosen {
      for number in 0..<(short ? 1 : trials ?? one.trials) {
        let trial = try Trial(of: one, number: number, seed: seed, with: workload)
        tally.add(trial.run(isTelling: verbose), to: one.name)
      }
    }
    print(tally)
    let seconds = (ContinuousClock.now - start).components.seconds
    print("\(tally.count) trials with seed \(seed) in \(seconds) s: \(tally.failures) failed")
    guard tally.failures == 0 else { throw ExitCode.failure }
    try FileManager.default.removeItem(atPath: folder)
  }

  private static func neighbour(_ name: String) -> String {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return program.deletingLastPathComponent().appending(path: name).path
  }
}
