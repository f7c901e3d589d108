import Foundation
import Testing

@testable import Text

@Suite struct PTBTokenizerTests {
  /// `Golden/make_ptb.py` made the file with Stanford's tokenizer itself.
  @Test func tokenizesAsStanfordsDoes() throws {
    let golden: [[String]] = try Golden.json("ptb.json")
    #expect(golden.count > 300)
    let tokenizer = PTBTokenizer()
    for row in golden {
      // As bytes, for Swift takes é and e with an accent for the same.
      #expect(Array(tokenizer.tokenize(row[0]).utf8) == Array(row[1].utf8), "\(row[0].debugDescription)")
    }
  }

  @Test(arguments: ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"]) func lineBreaksAreBlanks(lineBreak: String) {
    #expect(PTBTokenizer().tokenize("a dog\(lineBreak)runs.\(lineBreak)") == "a dog runs")
  }

  @Test(arguments: ["", " ", ".", "... !", "😀"]) func nothingIsLeftOf(caption: String) {
    #expect(PTBTokenizer().tokenize(caption) == "")
  }

  /// pycocoevalcap names brackets in capitals among what it drops, but the text is lower-cased by then.
  @Test func bracketsStay() {
    #expect(PTBTokenizer().tokenize("A dog (brown).") == "a dog -lrb- brown -rrb-")
  }
}

@Suite struct AutomatonTests {
  private func match(_ patterns: [String], _ text: String) -> [Int]? {
    let automaton = Automaton(patterns.map(Pattern.init))
    return automaton.longestMatch(in: Array(text.utf16)[...], from: 0).map { [$0.pattern, $0.end] }
  }

  @Test func theLongestMatchWinsThenTheFirstPattern() {
    #expect(match(["ab", "abc?", "a[b]"], "abx") == [0, 2])
    #expect(match(["ab", "abc?", "a[b]"], "abcx") == [1, 3])
    #expect(match(["ab"], "b") == nil)
  }

  @Test func notation() {
    #expect(match(["(a|bc)*d"], "abcad") == [0, 5])
    #expect(match(["a{2,3}"], "aaaa") == [0, 3])
    #expect(match(["a{2}b+"], "abb") == nil)
    #expect(match([#"[^\u{41}-C\]-]+"#], "xyB") == [0, 2])
    #expect(match(["it's"], "IT'S") == [0, 4])
    #expect(match(["[i]t"], "It") == nil)
    #expect(match([#"\l+\d"#], "éß5") == [0, 3])
  }
}
