import ArgumentParser

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Makes and inspects embedding stores.",
    subcommands: [DataImport.self, DataSynth.self, DataInfo.self]
  )
}
