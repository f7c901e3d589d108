import ArgumentParser

struct DataInfo: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "info")
}
