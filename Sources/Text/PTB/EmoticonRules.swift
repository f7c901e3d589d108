/// Faces made of signs.
enum EmoticonRules {
  static let rules = [
    // “:-)”.
    TokenRule(
      #"[<>]?[:;=][-o'*]?[)(DdPpO\\|\]\[{@]"#, before: #"[^A-Za-z0-9\z]"#, spelled: .replacing(brackets)),
    // “^_^”, “(-_-)”.
    TokenRule(#"\#(eye)_\#(eye)|\(\#(eye)[_.-]?\#(eye)\)"#, spelled: .replacing(brackets)),
  ]

  private static let eye = "[-^=<>~'x]"
  private static let brackets: Replacements = ["(": "-lrb-", ")": "-rrb-"]
}
