import ArgumentParser
import Foundation
import Text

struct TokenizerInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Prints what a vocabulary is, and the tokens of a text.",
    discussion: """
      Tokens are spelled as in the files; in those of byte-level BPE, Ġ is a space.

      Example:
        capstan tokenizer info data/tokenizer --text "Two dogs run."
      """
  )

  @Argument(
    help: ArgumentHelp(
      "The directory with tokenizer.json, or vocab.json and merges.txt.", valueName: "directory"),
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
    /// Of byte-level BPE.
    let merges: Int?
    let endOfText: Int32
    /// Where it is another token.
    let beginOfText: Int32?
    /// Of a word vocabulary.
    let unknown: Int32?
    let fingerprint: String
    let tokens: [Token]?
  }

  func run() throws {
    let tokenizer = try TokenizerDirectory.open(directory)
    let report = Report(
      vocabularySize: tokenizer.vocabularySize, merges: (tokenizer as? BPETokenizer)?.mergeCount,
      endOfText: tokenizer.endOfText, beginOfText: tokenizer.beginOfText, unknown: tokenizer.unknown,
      fingerprint: tokenizer.fingerprint.description,
      tokens: text.map { tokenizer.encode($0).map { .init(id: $0, token: tokenizer.token($0)) } })
    json ? try printJSON(report) : printLines(report)
  }

  private func printLines(_ report: Report) {
    print("vocabulary size  \(report.vocabularySize)")
    if let merges = report.merges { print("merges           \(merges)") }
    print("end of text      \(report.endOfText)")
    if let begin = report.beginOfText { print("begin of text    \(begin)") }
    if let unknown = report.unknown { print("unknown word     \(unknown)") }
    print("fingerprint      \(report.fingerprint)")
    for token in report.tokens ?? [] { print("\(token.id)\t\(token.token ?? "")") }
  }
}
