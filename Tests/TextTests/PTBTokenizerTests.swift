import Foundation
import Support
import Testing

@testable import Text

@Suite struct PTBTokenizerTests {
  private func tokenize(_ captions: String...) -> [String] { PTBTokenizer().tokenize(captions) }

  /// The tokens of captions as lines, none dropped.
  private func lines(_ captions: [String]) -> [String] {
    PTBTokenizer().tokens(of: captions).map { $0.joined(separator: " ") }
  }

  /// `Golden/make_ptb.py` made the file with pycocoevalcap's tokenizer.
  @Test func tokenizesAsPycocoevalcapDoes() throws {
    let golden: [[String]] = try Golden.json("ptb.json")
    #expect(golden.count > 300)
    // As there, a line stands between two captions.
    let tokenized = PTBTokenizer().tokenize(golden.flatMap { [$0[0], "x"] })
    for (index, row) in golden.enumerated() {
      // As bytes, for Swift takes é and e with an accent for the same.
      #expect(Array(tokenized[2 * index].utf8) == Array(row[1].utf8), "\(row[0].debugDescription)")
    }
  }

  /// `Golden/make_ptb_probes.py` made the file.
  @Test func cutsAsPycocoevalcapDoes() throws {
    let probes = PTBRows(tsv: try Golden.text("ptb_probes.tsv"))
    #expect(probes.rows.count == 1000)
    for (row, line) in zip(probes.rows, lines(probes.rows.map { $0[1] })) {
      #expect(Array(line.utf8) == Array(row[2].utf8), "\(row[0]): \(row[1].debugDescription)")
    }
  }

  /// The captions of Flickr8k, and strings that were made to differ.
  @Test(.enabled(if: SharedData.exists, "needs ../shared/data")) func allOfTheSharedData() throws {
    let captions = try PTBRows(shared: "captions.tsv.gz").rows
    let differing = zip(captions, lines(captions.map { $0[0] })).filter {
      Array($0[1].utf8) != Array($1.utf8)
    }
    #expect(captions.count == 34_802)
    #expect(differing.map { $0.0[0] } == [])

    let probes = try PTBRows(shared: "probes.tsv.gz").rows
    let equal = zip(probes, lines(probes.map { $0[1] })).count { Array($0[2].utf8) == Array($1.utf8) }
    #expect(probes.count == 21_448)
    #expect(equal >= 21_446)
  }

  /// Whole inputs, in which what follows a line matters, and how the text ends.
  @Test(.enabled(if: SharedData.exists, "needs ../shared/data")) func linesOfTheSharedData() throws {
    let files = try PTBRows(shared: "files.tsv.gz").rows
    let equal = files.count { row in
      let text = lines(row[1].lines).joined(separator: "\n")
      return Array(text.utf8) == Array(row[2].utf8)
    }
    #expect(files.count == 400)
    #expect(equal >= 394)
  }

  @Test(arguments: ["\n", "\r\n", "\r", "\u{B}", "\u{85}", "\u{2028}"]) func lineBreaksAreBlanks(
    lineBreak: String
  ) {
    #expect(tokenize("a dog\(lineBreak)runs.\(lineBreak)", "x") == ["a dog runs", "x"])
  }

  @Test(arguments: ["", " ", ".", "... !", "😀", "\u{FFFF}"]) func nothingIsLeftOf(caption: String) {
    #expect(tokenize(caption, "a", caption) == ["", "a", ""])
  }

  @Test func noCaptions() { #expect(PTBTokenizer().tokenize([]) == []) }

  /// pycocoevalcap names brackets in capitals among what it drops, but the text is lower-cased by then.
  @Test func bracketsStay() {
    #expect(tokenize("A dog (brown).") == ["a dog -lrb- brown -rrb-"])
  }

  /// The period ends the sentence if the next caption begins like one.
  @Test func theNextCaptionMatters() {
    #expect(tokenize("It is plan B.", "A dog") == ["it is plan b", "a dog"])
    #expect(tokenize("It is plan B.", "Dogs") == ["it is plan b.", "dogs"])
    #expect(tokenize("It is plan B.") == ["it is plan b."])
    #expect(tokenize("It is no.", "5 dogs") == ["it is no.", "5 dogs"])
  }

  @Test func lowerCase() {
    #expect(tokenize("ΣΊΣΥΦΟΣ Σ İ ﬃ") == ["σίσυφος σ i\u{307} ﬃ"])
    #expect(tokenize("mid\u{AD}night \u{AD}") == ["midnight"])
  }

  /// Once each from its beginning to its end, or a few megabytes would take hours.
  @Test(arguments: ["a", ".", "'", "’", "-", "a,", "a@", "<a b=", "&", "1 ", "A. ", "n't", "😀", "www."])
  func longTextsTakeNoLonger(piece: String) {
    let text = String(repeating: piece, count: 50_000)
    #expect(PTBTokenizer().tokenize([text, "a dog"]).last == "a dog")
  }
}

@Suite struct CaptionLinesTests {
  @Test func oneOnEachLine() throws {
    let lines = try CaptionLines(utf8: Data("A dog.\n\n café\r\nA cat".utf8), name: "it")
    #expect(lines.captions == ["A dog.", "", " café\r", "A cat"])
    #expect(PTBTokenizer().tokenize(lines.captions) == ["a dog", "", "café", "a cat"])
    #expect(try CaptionLines(utf8: Data("a\n".utf8), name: "it").captions == ["a"])
    #expect(try CaptionLines(utf8: Data(), name: "it").captions == [])
  }

  @Test func otherEncodingsAreRefused() {
    #expect {
      try CaptionLines(utf8: Data("A dog\ncaf".utf8) + [0xE9], name: "standard input")
    } throws: { error in
      let failure = error as? Failure
      return failure?.kind == .badData
        && failure?.description.contains("Line 2 of standard input is not UTF-8") ?? false
    }
  }
}

/// Rows that `make_probes.py` of the shared data writes: cells between tabs, with escapes.
private struct PTBRows {
  let rows: [[String]]

  init(tsv: String) {
    rows = tsv.split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(Self.unescaped)
    }
  }

  init(shared name: String) throws {
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc", SharedData.path + "/ptb/" + name]
    let output = Pipe()
    gzip.standardOutput = output
    try gzip.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    gzip.waitUntilExit()
    self.init(tsv: text)
  }

  /// `\\` is a backslash, `\u00a0` a code unit.
  private static func unescaped(_ cell: Substring) -> String {
    cell.replacing(/\\(?:\\|u([0-9a-f]{4}))/) { match in
      match.1.flatMap { UInt16($0, radix: 16) }.map { String(decoding: [$0], as: UTF16.self) } ?? #"\"#
    }.description
  }
}

extension String {
  /// What the jar takes for lines.
  fileprivate var lines: [String] {
    replacing("\r\n", with: "\n").unicodeScalars
      .split(omittingEmptySubsequences: false) {
        "\n\r\u{B}\u{C}\u{2028}\u{2029}".unicodeScalars.contains($0)
      }
      .map { String($0) }
  }
}
