import ArgumentParser
import Foundation
import Text

struct TokenizerInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Prints what a vocabulary is, and the tokens of a text.",
    discussion: """
      Tokens are spelled as in vocab.json, where Ġ is a space.

      Example:
        capstan tokenizer info data/tokenizer --text "Two dogs run."
      """
  )

  @Argument(
    help: ArgumentHelp("The directory with vocab.json and merges.txt.", valueName: "directory"),
    completion: .directory)
  var directory: String

  @Option(help: "A text to print the tokens of.")
  var text: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  private struct Report: Encodable {
    struct Token: Encodable {
      let id: Int32
      let token: String?
    }

    let vocabularySize: Int
    let merges: Int
    let endOfText: Int32
    let fingerprint: String
    let tokens: [Token]?
  }

  func run() throws {
    let tokenizer = try Tokenizer(directory: directory)
    let report = Report(
      vocabularySize: tokenizer.vocabularySize, merges: tokenizer.mergeCount, endOfText: tokenizer.endOfText,
      fingerprint: tokenizer.fingerprint.description,
      tokens: text.map { tokenizer.encode($0).map { .init(id: $0, token: tokenizer.token($0)) } })
    json ? try printJSON(report) : printLines(report)
  }

  private func printLines(_ report: Report) {
    print("vocabulary size  \(report.vocabularySize)")
    print("merges           \(report.merges)")
    print("end of text      \(report.endOfText)")
    print("fingerprint      \(report.fingerprint)")
    for token in report.tokens ?? [] { print("\(token.id)\t\(token.token ?? "")") }
  }
}
