import ArgumentParser
import Datasets
import Essentials
import Foundation
import Text

struct TokenizerTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learns a vocabulary from captions and writes vocab.json and merges.txt.",
    discussion: """
      The files are those of Hugging Face's GPT2Tokenizer. The end of text is token 0, then come the 256 \
      bytes, then the merges, the most frequent first. When the captions have fewer merges to give, the \
      vocabulary is smaller.

      Examples:
        capstan tokenizer train --store data/flickr8k.h5 \\
          --vocabulary-size 4096 --out data/tokenizer
        capstan tokenizer train --captions captions.txt \\
          --vocabulary-size 4096 --out data/tokenizer
      """
  )

  @Option(
    help: ArgumentHelp(
      "Embedding stores, by path or glob, of which a split is learnt from.", valueName: "file.h5"))
  var store: [String] = []

  @Option(help: ArgumentHelp("The split of those stores.", valueName: "name"))
  var split = "train"

  @Option(
    help: ArgumentHelp("A text file with one caption on each line, in place of stores.", valueName: "file"))
  var captions: String?

  @Option(help: ArgumentHelp("The number of tokens, at least 257.", valueName: "tokens"))
  var vocabularySize: Int

  @Option(help: ArgumentHelp("The directory for the two files; made if need be.", valueName: "directory"))
  var out: String

  func run() throws {
    let trainer = try BPETrainer(vocabularySize: vocabularySize)
    let texts = try captions.map(captions(inTextFile:)) ?? captionsOfStores()
    let tokenizer = trainer.train(on: texts)
    try tokenizer.save(to: out)
    print("\(out): \(tokenizer.vocabularySize) tokens from \(texts.count) captions")
    if tokenizer.vocabularySize < vocabularySize {
      print("These captions have no more pairs to merge: \(vocabularySize) tokens were asked for.")
    }
    print("fingerprint \(tokenizer.fingerprint)")
  }

  private func captionsOfStores() throws -> [String] {
    guard !store.isEmpty else {
      throw Failure.usage(
        "No captions were given to learn from; name a store by --store or a text file by --captions.")
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

  private func captions(inTextFile path: String) throws -> [String] {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Failure.badData("\(path) cannot be read; expected a text file with one caption on each line.")
    }
    guard let text = String(data: bytes, encoding: .utf8) else {
      throw Failure.badData(
        "\(path) is not UTF-8 text; expected one caption on each line: convert it, for example with iconv.")
    }
    let captions = text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }).map(String.init)
    guard !captions.isEmpty else {
      throw Failure.badData("\(path) holds no captions; expected one on each line.")
    }
    return captions
  }
}
