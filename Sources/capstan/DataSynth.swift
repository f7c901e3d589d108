import ArgumentParser

struct DataSynth: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "synth")
}
