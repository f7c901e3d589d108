import ArgumentParser

struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Trains and inspects byte-level BPE vocabularies.",
    subcommands: [TokenizerTrain.self, TokenizerInfo.self]
  )
}
