import ArgumentParser

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Makes, inspects, splits, merges and exports embedding stores.",
    subcommands: [
      DataImport.self, DataExport.self, DataSplit.self, DataMerge.self, DataSynth.self, DataInfo.self,
    ]
  )
}
