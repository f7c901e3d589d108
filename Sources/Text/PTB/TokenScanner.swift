/// Applies the rules to a text from its beginning to its end.
struct TokenScanner {
  /// Of rules that match equally far the first wins: a fused pair over the word that it is, an abbreviation over a
  /// word with a sign behind it, and whatever has a name over the bare sign.
  private static let rules = [
    ApostropheRules.fusedPairs, ApostropheRules.clitics, ApostropheRules.listed, ApostropheRules.openingQuote,
    PeriodRules.rules, PeriodRules.stops, WordRules.rules, ApostropheRules.words, ApostropheRules.years,
    NumberRules.rules, NameRules.rules, AddressRules.rules, EmoticonRules.rules, SymbolRules.quotes,
    SymbolRules.brackets, SymbolRules.dashes, SymbolRules.runs, SymbolRules.rewritten, SymbolRules.entities,
    SymbolRules.symbols,
  ].flatMap { $0 }

  /// The automaton's machines: all rules, and for each rule with something that must follow the token alone and
  /// what follows alone.
  private let automaton: Automaton
  /// By rule; nil where nothing must follow.
  private let machines: [(token: Int, following: Int)?]

  init() {
    var patterns = [Self.rules.map(\.pattern)]
    machines = Self.rules.map { rule in
      guard let following = rule.following else { return nil }
      patterns += [[rule.token], [following]]
      return (patterns.count - 2, patterns.count - 1)
    }
    automaton = Automaton(machines: patterns)
  }

  /// The tokens of each caption.
  func tokens(of captions: CaptionList) -> [[String]] {
    captions.units.withUnsafeBufferPointer { text in
      var lines: [[String]] = [[]]
      var deadEnds = Automaton.DeadEnds()
      var position = 0
      while text[position] != CaptionList.end {
        if text[position] == CaptionList.lineFeed { lines.append([]) }
        guard let match = automaton.longestMatch(of: 0, in: text, from: position, avoiding: &deadEnds) else {
          position += 1
          continue
        }
        let end = tokenEnd(of: match.pattern, in: text, within: position..<match.end)
        let rule = Self.rules[match.pattern]
        let token = rule.spell(Automaton.Text(rebasing: text[position..<end]))
        if !token.isEmpty { lines[lines.count - 1].append(token) }
        if rule.endsSentence { lines[lines.count - 1].append(".") }
        position = end
      }
      return lines
    }
  }

  /// Where the token ends in what a rule has matched: as late as something that may follow it still does.
  private func tokenEnd(of rule: Int, in text: Automaton.Text, within match: Range<Int>) -> Int {
    guard let machines = machines[rule] else { return match.upperBound }
    let ends = automaton.ends(of: machines.token, in: text, within: match)
    return ends.last { end in
      automaton.ends(of: machines.following, in: text, within: end..<match.upperBound).last
        == match.upperBound
    } ?? match.upperBound
  }
}
