/// Numbers, dates, fractions, telephone numbers and money.
enum NumberRules {
  static let rules = [
    // “5”, “-5”, “1,000.50”, “10:30”, “.5”.
    TokenRule("[+-]?(\(digits)|(\(digits))?([.,:]\(digits))+)"),
    // “1/2”, “3 1/2”.
    TokenRule(#"(\d{1,4}\#(separator))?\d{1,4}(/|⁄|\\/)\d{1,4}"#, spelled: .replacing(oneToken)),
    // “12/25/2001”.
    TokenRule(#"\d{1,2}[-/]\d{1,2}[-/]\d{2,4}"#),
    // “555-1234”, “+1 555 555 1234”.
    TokenRule(
      #"[+]?\d{2,4}\#(separator)(\d{2,4}\#(separator))?\#(lastDigits)"#, spelled: .replacing(oneToken)),
    // “(555) 555-1234”.
    TokenRule(#"\(\d{2,3}\)[ \u{A0}]?\#(lastDigits)"#, spelled: .replacing(oneToken)),
    // “$”, “US$”.
    TokenRule("[A-Z]*[$]"),
  ]

  private static let digits = #"\d[\d\u{AD}]*"#
  private static let separator = #"[ \u{A0}-]"#
  private static let lastDigits = #"\d{3,4}\#(separator)?\d{3,5}"#
  /// Tokens are separated by spaces, so they have none in them.
  private static let oneToken: Replacements = [" ": "\u{A0}", "(": "-lrb-", ")": "-rrb-"]
}
