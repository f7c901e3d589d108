/// Penn Treebank tokenization as pycocoevalcap 1.2 does it before scoring captions: that of the Stanford
/// tokenizer (CoreNLP 3.4.1, `-preserveLines -lowerCase`), without punctuation.
///
/// Not `Sendable`, for its automaton grows as it reads; each thread makes its own.
public final class PTBTokenizer {
  private let rules = PTBRules.all
  /// Patterns followed by their contexts, in the order of the rules.
  private let automaton: Automaton
  private let contexts: [Automaton?]

  public init() {
    automaton = Automaton(
      rules.map { rule in rule.context.map { .sequence([rule.pattern, $0]) } ?? rule.pattern })
    contexts = rules.map { rule in rule.context.map { Automaton([$0]) } }
  }

  /// The tokens of a caption in lower case, without punctuation, joined by blanks.
  public func tokenize(_ caption: String) -> String {
    // A line break within a caption is a blank; the one at its end is context for the rules.
    let text = caption.utf16.map { Self.lineBreaks.contains($0) ? 0x20 : $0 } + [0x0A]
    var tokens: [String] = []
    var position = 0
    while position < text.count {
      guard let match = automaton.longestMatch(in: text[...], from: position) else {
        // No rule knows the character, which is dropped.
        position += 1
        continue
      }
      let treatment = rules[match.pattern].treatment
      var end = match.end
      if let context = contexts[match.pattern] { end = start(of: context, in: text, from: position, to: end) }
      if case .split(let last) = treatment { end -= last }
      if let token = treatment.token(of: String(decoding: text[position..<end], as: UTF16.self))?
        .lowercased(),
        !Self.isPunctuation(token)
      {
        tokens.append(token)
      }
      position = end
    }
    return tokens.joined(separator: " ")
  }

  /// Where the context of a match begins: as early as it can, for no token ends in a blank.
  private func start(of context: Automaton, in text: [UInt16], from begin: Int, to end: Int) -> Int {
    (begin + 1..<end).first { context.longestMatch(in: text[..<end], from: $0)?.end == end } ?? end
  }

  private static let lineBreaks: Set<UInt16> = [0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029]

  /// What pycocoevalcap drops. Brackets stand there in capitals, so that those of lower-cased text stay.
  private static let punctuation: Set<String> = [
    "''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";",
  ]

  /// By ASCII alone, for Swift takes the Greek question mark for the semicolon that looks like it.
  private static func isPunctuation(_ token: String) -> Bool {
    token.utf8.allSatisfy { $0 < 0x80 } && punctuation.contains(token)
  }
}
