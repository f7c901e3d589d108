/// Words, and what hyphens, underscores, slashes and points join.
enum WordRules {
  static let rules = [
    TokenRule(SharedPatterns.word),
    TokenRule(SharedPatterns.compound),
    TokenRule(SharedPatterns.compoundWithPoints),
    // “and/or”, “he/she/it”, “snow-covered/mountain”.
    TokenRule("\(slashedPart)(/\(slashedPart)){1,2}"),
    TokenRule(#"[\l\d]+\\/[\l\d]+"#),
    // A period with another sign behind it sticks to the word: “hat.,”.
    TokenRule("(\(words))[.]", before: "[,;:]"),
  ]

  private static let words = [
    SharedPatterns.word, SharedPatterns.compound, SharedPatterns.compoundWithPoints,
    SharedPatterns.joinedCapitals,
  ].joined(separator: "|")
  private static let slashedPart = "[A-Za-z0-9]+(-[A-Za-z][A-Za-z0-9]*){0,2}"
}
