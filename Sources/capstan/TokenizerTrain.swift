import ArgumentParser
import Datasets
import Foundation
import Support
import Text

struct TokenizerTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Makes a vocabulary from captions: byte-level BPE, or whole words.",
    discussion: """
      Byte-level BPE (--vocabulary-size) writes vocab.json and merges.txt, which Hugging Face's GPT2Tokenizer \
      reads. The end of text is token 0, then come the 256 bytes, then the merges, the most frequent first. \
      When the captions have fewer merges to give, the vocabulary is smaller.

      Whole words (--words) writes tokenizer.json, which Hugging Face's tokenizers read. Captions are \
      lower-cased and cut at white space, so take captions whose punctuation is gone or stands apart, such as \
      Karpathy's tokens (capstan data import --caption-field tokens). The end of text is token 0, the unknown \
      word is 1, then come the words that stand in the captions at least --min-count times, the most frequent \
      first.

      Nothing else may be in the directory.

      Examples:
        capstan tokenizer train --store data/flickr8k.h5 \\
          --vocabulary-size 4096 --out data/tokenizer
        capstan tokenizer train --captions captions.txt \\
          --vocabulary-size 4096 --out data/tokenizer
        capstan tokenizer train --store data/flickr8k.h5 --words \\
          --min-count 3 --out data/words
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

  @Option(
    help: ArgumentHelp("Of byte-level BPE, the number of tokens, at least 257.", valueName: "tokens"))
  var vocabularySize: Int?

  @Flag(help: "Makes a vocabulary of whole words.")
  var words = false

  @Option(
    help: ArgumentHelp(
      "With --words, how often a word stands in the captions to get a token (default: 3).", valueName: "times"
    ))
  var minCount: Int?

  @Option(
    help: ArgumentHelp("The directory to write.", valueName: "directory"),
    completion: .directory)
  var out: String

  @Flag(help: "Replaces the directory.")
  var force = false

  func run() throws {
    try OutputPlace.requireDirectory(
      out, replacing: force, holdingOnly: TokenizerDirectory.fileNames.contains)
    let train = try trainer()
    let texts =
      try captions.map { try CaptionTexts.read($0, split: split, options: captionFile.options) }
      ?? captionsOfStores()
    let tokenizer = try train(texts)
    try DurableFile.writeDirectory(to: out) { try tokenizer.save(to: $0) }
    print("\(out): \(tokenizer.vocabularySize) tokens from \(counted(texts.count, "caption"))")
    if let vocabularySize, tokenizer.vocabularySize < vocabularySize {
      print("These captions have no more pairs to merge: \(vocabularySize) tokens were asked for.")
    }
    print("fingerprint \(tokenizer.fingerprint)")
  }

  private func trainer() throws -> ([String]) throws -> any Tokenizer {
    switch (vocabularySize, words) {
    case (let size?, false):
      guard minCount == nil else {
        throw Failure.usage("--min-count is for --words; leave it out, or --vocabulary-size.")
      }
      return try BPETrainer(vocabularySize: size).train(on:)
    case (nil, true): return try WordTrainer(minCount: minCount ?? 3).train(on:)
    default:
      throw Failure.usage(
        "A vocabulary has either a number of tokens by --vocabulary-size or whole words by --words; give one of them."
      )
    }
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
