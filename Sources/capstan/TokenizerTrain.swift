import ArgumentParser
import Datasets
import Foundation
import Support
import Text

struct TokenizerTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learns a vocabulary from captions and writes vocab.json and merges.txt.",
    discussion: """
      The files are those of Hugging Face's GPT2Tokenizer. The end of text is token 0, then come the 256 \
      bytes, then the merges, the most frequent first. When the captions have fewer merges to give, the \
      vocabulary is smaller. Nothing else may be in the directory.

      Examples:
        capstan tokenizer train --store data/flickr8k.h5 \\
          --vocabulary-size 4096 --out data/tokenizer
        capstan tokenizer train --captions captions.txt \\
          --vocabulary-size 4096 --out data/tokenizer
      """
  )

  @Option(
    help: ArgumentHelp(
      "Embedding stores, by path or glob, one split of which is used.", valueName: "file.h5"),
    completion: .file())
  var store: [String] = []

  @Option(help: ArgumentHelp("The split that is used, where there are splits.", valueName: "name"))
  var split = "train"

  @Option(
    help: ArgumentHelp(
      "In place of stores, a file of captions as capstan data import reads it, or with one caption on each line.",
      valueName: "file"),
    completion: .file())
  var captions: String?

  @OptionGroup(title: "How captions are read") var captionFile: CaptionFileOptions

  @Option(help: ArgumentHelp("The number of tokens, at least 257.", valueName: "tokens"))
  var vocabularySize: Int

  @Option(
    help: ArgumentHelp("The directory to write, with the two files.", valueName: "directory"),
    completion: .directory)
  var out: String

  @Flag(help: "Replaces the directory.")
  var force = false

  func run() throws {
    try OutputPlace.requireDirectory(out, replacing: force, holdingOnly: Tokenizer.fileNames.contains)
    let trainer = try BPETrainer(vocabularySize: vocabularySize)
    let texts =
      try captions.map { try CaptionTexts.read($0, split: split, options: captionFile.options) }
      ?? captionsOfStores()
    let tokenizer = trainer.train(on: texts)
    try DurableFile.writeDirectory(to: out) { try tokenizer.save(to: $0) }
    print("\(out): \(tokenizer.vocabularySize) tokens from \(counted(texts.count, "caption"))")
    if tokenizer.vocabularySize < vocabularySize {
      print("These captions have no more pairs to merge: \(vocabularySize) tokens were asked for.")
    }
    print("fingerprint \(tokenizer.fingerprint)")
  }

  private func captionsOfStores() throws -> [String] {
    guard !store.isEmpty else {
      throw Failure.usage(
        "No captions were given to learn from; name a store by --store or a file of captions by --captions.")
    }
    let texts = try EmbeddingStore.open(store).flatMap { store in
      let index = try store.index()
      return zip(index.captionTexts, index.captionRows).filter { index.splits[$0.1] == split }.map(\.0)
    }
    guard !texts.isEmpty else {
      throw Failure.badData(
        "\(store.joined(separator: ", ")) has no caption of the split “\(split)”; name another by --split.")
    }
    return texts
  }
}
