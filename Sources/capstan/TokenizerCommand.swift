import ArgumentParser

struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract:
      "Makes and inspects vocabularies, byte-level BPE or whole words; prints the tokens that metrics count.",
    subcommands: [TokenizerTrain.self, TokenizerInfo.self, TokenizerPTB.self]
  )
}
