import ArgumentParser

struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract:
      "Makes and inspects vocabularies, of byte-level BPE or of words; shows the tokens that scores count.",
    subcommands: [TokenizerTrain.self, TokenizerInfo.self, TokenizerPTB.self]
  )
}
