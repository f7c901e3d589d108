import Testing

@testable import Text

@Suite struct AutomatonTests {
  /// The number of the pattern that matches, and where the match ends.
  private func match(_ patterns: [String], _ text: String) -> [Int]? {
    let automaton = Automaton(machines: [patterns.map(Pattern.init)])
    var deadEnds = Automaton.DeadEnds()
    return Array(text.utf16).withUnsafeBufferPointer {
      automaton.longestMatch(of: 0, in: $0, from: 0, avoiding: &deadEnds).map { [$0.pattern, $0.end] }
    }
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
    #expect(match([#"\w+\s\y"#], "e\u{301}\u{A0}★") == [0, 4])
  }

  @Test func machinesMatchApart() {
    let automaton = Automaton(machines: [["a+"], ["a{2}|a{4}"]].map { $0.map(Pattern.init) })
    Array("aaaaa".utf16).withUnsafeBufferPointer { text in
      #expect(automaton.ends(of: 0, in: text, within: 1..<4) == [2, 3, 4])
      #expect(automaton.ends(of: 1, in: text, within: 0..<5) == [2, 4])
    }
  }

  /// What was found to lead nowhere is not looked at again, and what leads somewhere still is.
  @Test func deadEndsAreKnown() {
    let automaton = Automaton(machines: [["a", "a+b"].map(Pattern.init)])
    let text = Array(
      (String(repeating: "a", count: 1000) + "c" + String(repeating: "a", count: 1000) + "b").utf16)
    text.withUnsafeBufferPointer { text in
      var deadEnds = Automaton.DeadEnds()
      for begin in 0..<1000 {
        let match = automaton.longestMatch(of: 0, in: text, from: begin, avoiding: &deadEnds)
        #expect(match?.pattern == 0)
      }
      let match = automaton.longestMatch(of: 0, in: text, from: 1001, avoiding: &deadEnds)
      #expect(match?.end == 2002)
    }
  }
}
