/// Abbreviations, acronyms and initials, which take their period, and runs of stops.
enum PeriodRules {
  static let rules = [
    TokenRule("\(withinOrFinal)[.]", before: #"\#(gap)([A-Z]|\#(gap))|\z"#, endsSentence: true),
    TokenRule("\(withinOrFinal)[.]", before: #"[^\z]|[^\l\z][^\z]"#),
    TokenRule("\(SharedPatterns.anyOf(Abbreviations.within))[.]"),
    TokenRule("\(SharedPatterns.anyOf(Abbreviations.beforeNumbers))[.]", before: #"\#(gap)?\d"#),
    TokenRule(acronym, before: sentence, endsSentence: true),
    TokenRule(acronym),
    TokenRule("[A-Za-z0-9][A-Za-z0-9.,]*-([A-Za-z0-9]+-)*\(acronym)(-[A-Za-z0-9]+)*"),
    // An initial leaves the period to the sentence that ends: “plan B. The dog”, but “John B. Dog”.
    TokenRule("[A-Za-z]", before: "[.]\(sentence)"),
    TokenRule("[A-Za-z][.]"),
  ]

  static let stops = [
    TokenRule(#"[.]{3,5}|[.]([ \u{A0}][.]){2,4}|…|\u{85}"#, spelled: .always("...")),
    TokenRule("[!?]+"),
  ]

  private static let gap = SharedPatterns.gap
  private static let acronym = "[A-Za-z]([.][A-Za-z])+[.]"
  private static let withinOrFinal =
    "(\(SharedPatterns.anyOf(Abbreviations.withinOrFinal))|\(SharedPatterns.capitalized(Abbreviations.capitalized)))"

  /// A sentence that begins, as far as its first word tells.
  private static let sentence = "\(gap)+\(SharedPatterns.asWrittenOrInCapitals(starters))\(gap)"
  private static let starters = """
    A About According Additionally After An As At But Earlier He Her Here However If In It Last Many More Mr. Ms. Now
    Once One Other Our She Since So Some Such That The Their Then There These They This We What When While Yet You
    """
}
