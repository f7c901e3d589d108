import ArgumentParser

struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Trains and inspects byte-level BPE vocabularies; shows the tokens that scores count.",
    subcommands: [TokenizerTrain.self, TokenizerInfo.self, TokenizerPTB.self]
  )
}
