import ArgumentParser
import Foundation
import Support

@main
struct Capstan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capstan",
    abstract: "Trains image captioners on CPUs, data-parallel over MPI ranks.",
    discussion: """
      Shell completion (bash, zsh or fish):
        capstan --generate-completion-script bash
      """,
    version: programVersion,
    subcommands: [
      DataCommand.self, TokenizerCommand.self, TrainCommand.self, SweepCommand.self, CaptionCommand.self,
      EvaluateCommand.self, ReportCommand.self, CheckpointCommand.self, DoctorCommand.self, BenchCommand.self,
      HDF5Read.self,
    ]
  )

  static func main() {
    do {
      do {
        var command = try parseAsRoot()
        try command.run()
      } catch  where exitCode(for: error).isSuccess {
        print(fullMessage(for: error))  // help, the version, or a script for completion
      }
      try StandardStreams.flushOutput()
    } catch let failure as Failure {
      failure.report()
      Foundation.exit(failure.exitCode)
    } catch {
      exit(withError: error)
    }
  }
}
