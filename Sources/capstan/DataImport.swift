import ArgumentParser

struct DataImport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "import")
}
