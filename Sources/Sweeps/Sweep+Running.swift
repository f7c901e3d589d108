import Foundation
import Runs
import Support

extension Sweep {
  /// How a run ended: the code of its process; nil where that was not started.
  public typealias Ending = Int32?

  /// Has every run check what a start checks, each as a process of its own: its files, whether its parts fit each other,
  /// what is in its directory. Nothing is written.
  /// - Throws: `Failure.usage` when one cannot start, which has said why.
  public func requireStarts(launcher: [String], program: String) throws {
    RunSignals.install()
    for run in runs {
      let code = try Self.code(
        of: launcher + [program] + arguments(for: run) + ["--dry-run"], showsOutput: false)
      guard RunSignals.request != .stop else {
        throw Failure.interrupted("The sweep was interrupted before its first run.")
      }
      guard code == 0 else {
        throw Failure.usage(
          "The run \(run.name) cannot start, as said above, so none was started; fix that, or leave the run out."
        )
      }
    }
  }

  /// Runs one after the other, each as a process of its own: what one leaves behind or breaks does not meet the next,
  /// which comes even if one fails.
  ///
  /// - Parameters:
  ///   - launcher: what stands before the program's name, such as `mpirun -n 2`.
  ///   - program: the path of `capstan`.
  ///   - report: is told of each run before it begins.
  /// - Returns: of each run; a request to stop, which is passed on to the run that it meets, ends the sweep with that.
  public func run(
    launcher: [String], program: String, report: (_ index: Int, _ run: Run) -> Void = { _, _ in }
  ) throws -> [Ending] {
    RunSignals.install()
    var endings: [Ending] = []
    for (index, run) in runs.enumerated() where RunSignals.request != .stop {
      report(index, run)
      endings.append(try Self.code(of: launcher + [program] + arguments(for: run)))
    }
    return endings + [Ending](repeating: nil, count: runs.count - endings.count)
  }

  /// - Throws: `Failure.runtime` that names the runs that have not come to their end, `Failure.interrupted` when that was
  ///   asked for; the same sweep resumes them.
  public func requireSuccess(_ endings: [Ending]) throws {
    let broken = zip(runs, endings).filter { $1 != 0 }
    guard let (first, ending) = broken.first else { return }
    let interrupted = Failure.Kind.interrupted
    let how =
      switch ending {
      case nil: "has not begun"
      case interrupted.rawValue: "was interrupted"
      case let code?: "ended with code \(code), as said above"
      }
    throw Failure(
      kind: RunSignals.request == .stop ? interrupted : .runtime,
      description: "\(broken.count) of \(runs.count) runs did not finish, of which \(first.name) \(how); the "
        + "same command resumes them.")
  }

  /// Runs a program, and passes signals on to it, which a terminal sends to us alone.
  /// - Returns: its exit code; of one that a signal ended, 128 and the signal's number.
  private static func code(of command: [String], showsOutput: Bool = true) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging(StopPromise.kept) { $1 }
    if !showsOutput { process.standardOutput = FileHandle.nullDevice }
    do { try process.run() } catch {
      throw Failure.runtime("\(command[0]) could not be started: \(error.localizedDescription)")
    }
    // Again and again, ever more seldom: a launcher that has not started its ranks yet forgets a signal.
    var (pause, next) = (Duration.seconds(1), ContinuousClock.now)
    while process.isRunning {
      switch RunSignals.request {
      case .continue: break
      case .checkpoint:
        RunSignals.acceptCheckpoint()
        kill(process.processIdentifier, SIGUSR2)
      case .stop where ContinuousClock.now >= next:
        // The one that mpirun and srun pass on.
        kill(process.processIdentifier, SIGUSR1)
        next = .now + pause
        pause *= 2
      case .stop: break
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
    process.waitUntilExit()
    return (process.terminationReason == .uncaughtSignal ? 128 : 0) + process.terminationStatus
  }
}
