import ArgumentParser

struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Imports, exports and describes models.",
    subcommands: [CheckpointInfo.self, CheckpointImport.self, CheckpointExport.self]
  )
}
