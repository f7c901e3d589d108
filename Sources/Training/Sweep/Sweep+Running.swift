import Essentials
import Foundation

extension Sweep {
  /// How a run ended: the code of its process; nil where that was not started.
  public typealias Ending = Int32?

  /// Has every run check what a start checks, each as a process of its own: its files, whether its parts fit each other,
  /// what is in its directory. Nothing is written.
  /// - Throws: `Failure.usage` when one cannot start, which has said why.
  public func requireStarts(launcher: [String], program: String) throws {
    StopSignal.install()
    for run in runs {
      let status = try Self.status(
        of: launcher + [program] + arguments(for: run) + ["--dry-run"], showsOutput: false)
      guard !StopSignal.isRaised else {
        throw Failure.runtime("The sweep was interrupted before its first run.")
      }
      guard status == 0 else {
        throw Failure.usage(
          "The run \(run.name) cannot start, as said above, so none was started; mend that, or leave the run out."
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
  /// - Returns: of each run; a request to stop ends the sweep with the run that it meets.
  public func run(
    launcher: [String], program: String, report: (_ index: Int, _ run: Run) -> Void = { _, _ in }
  ) throws -> [Ending] {
    StopSignal.install()
    var endings: [Ending] = []
    for (index, run) in runs.enumerated() where !StopSignal.isRaised {
      report(index, run)
      endings.append(try Self.status(of: launcher + [program] + arguments(for: run)))
    }
    return endings + [Ending](repeating: nil, count: runs.count - endings.count)
  }

  /// - Throws: `Failure.runtime` that names the runs that have not come to their end; the same sweep goes on with them.
  public func requireSuccess(_ endings: [Ending]) throws {
    let broken = zip(runs, endings).filter { $1 != 0 }
    guard let (first, ending) = broken.first else { return }
    let how = StopSignal.isRaised ? "was interrupted" : "ended with code \(ending ?? 0), as said above"
    throw Failure.runtime(
      "\(broken.count) of \(runs.count) runs did not come to their end, of which \(first.name) \(how); the same command "
        + "goes on with them.")
  }

  /// Starts a program and hands it the request to stop, which a terminal sends to us alone.
  /// - Returns: its exit code.
  private static func status(of command: [String], showsOutput: Bool = true) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    if !showsOutput { process.standardOutput = FileHandle.nullDevice }
    do { try process.run() } catch {
      throw Failure.runtime("\(command[0]) could not be started: \(error.localizedDescription)")
    }
    while process.isRunning {
      if StopSignal.isRaised {
        process.terminate()
        break
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
