import Essentials
import Foundation

extension Sweep {
  /// Runs one after the other, each as a process of its own: what one leaves behind or breaks does not meet the next.
  ///
  /// - Parameters:
  ///   - launcher: what stands before the program's name, such as `mpirun -n 2`.
  ///   - program: the path of `capstan`.
  ///   - report: is told of each run before it begins.
  /// - Throws: `Failure.runtime` at the first run that fails or is interrupted. Started again, the sweep goes on there.
  public func run(
    launcher: [String], program: String, report: (_ index: Int, _ run: Run) -> Void = { _, _ in }
  ) throws {
    StopSignal.install()
    for (index, run) in runs.enumerated() {
      report(index, run)
      let status = try Self.status(of: launcher + [program] + arguments(for: run))
      guard !StopSignal.isRaised else {
        throw Failure.runtime("The sweep was interrupted in \(run.name); the same command goes on with it.")
      }
      guard status == 0 else {
        throw Failure.runtime(
          "The run \(run.name) ended with code \(status), as said above; mend that, and the same command goes on with it."
        )
      }
    }
  }

  /// Starts a program and hands it the request to stop, which a terminal sends to us alone.
  /// - Returns: its exit code.
  private static func status(of command: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
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
