import ArgumentParser

struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Takes models in from other programs, and hands them out.",
    subcommands: [CheckpointInfo.self, CheckpointImport.self, CheckpointExport.self]
  )
}
