import ArgumentParser
import Foundation
import Text

struct TokenizerPTB: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ptb",
    abstract: "Prints the tokens of captions that scores count.",
    discussion: """
      Reads captions from standard input, one on each line, and prints a line for each: its tokens in the way of \
      the Penn Treebank, in lower case and without punctuation, as `capstan evaluate` has them. The line is empty \
      where nothing is left of a caption.

      The captions are one text, as they are for pycocoevalcap: whether “team A.” keeps its period may hang on the \
      line that follows. The input must be UTF-8.

      Example:
        echo "A man isn't riding his horse." | capstan tokenizer ptb
      """
  )

  func run() throws {
    let lines = try CaptionLines(
      utf8: FileHandle.standardInput.readToEnd() ?? Data(), name: "standard input")
    let tokenized = PTBTokenizer().tokenize(lines.captions)
    try FileHandle.standardOutput.write(contentsOf: Data(tokenized.map { $0 + "\n" }.joined().utf8))
  }
}
