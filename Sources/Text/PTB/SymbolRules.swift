/// Quotes, brackets, dashes, entities, and every sign that is a token of its own.
enum SymbolRules {
  static let quotes = [
    TokenRule(doubleQuote, before: "[A-Za-z0-9$]", spelled: .always("``")),
    TokenRule(doubleQuote, spelled: .always("''")),
    TokenRule("[`‘’‛‚“”„«»‹›\u{91}\u{92}\u{93}\u{94}]{1,2}", spelled: .replacing(directedQuotes)),
    TokenRule("''"),
  ]

  static let brackets = [
    TokenRule("[(]", spelled: .always("-lrb-")),
    TokenRule("[)]", spelled: .always("-rrb-")),
    TokenRule(#"\["#, spelled: .always("-lsb-")),
    TokenRule(#"\]"#, spelled: .always("-rsb-")),
    TokenRule("[{]", spelled: .always("-lcb-")),
    TokenRule("[}]", spelled: .always("-rcb-")),
    // As the treebank itself writes them.
    TokenRule("-(l|r)(c|r|s)b-"),
  ]

  static let dashes = [
    TokenRule("-{2,4}|[–—―\u{96}\u{97}]|&mdash;|&ndash;|&md;", spelled: .always("--")),
    TokenRule("-{5}-*"),
  ]

  static let runs = [
    TokenRule(#"([*]|\\[*])+"#),
    TokenRule("_+|@+|#+"),
    TokenRule("<<|>>"),
    TokenRule(#"[¹²³\u{2070}\u{2074}-\u{207E}]+|[\u{2080}-\u{208E}]+"#),
  ]

  /// Signs that are written otherwise.
  static let rewritten = [
    TokenRule("£", spelled: .always("#")),
    TokenRule("[€¤\u{20A0}\u{80}]", spelled: .always("$")),
    TokenRule("¢", spelled: .always("cents")),
    TokenRule("¼", spelled: .always("1/4")),
    TokenRule("½", spelled: .always("1/2")),
    TokenRule("¾", spelled: .always("3/4")),
    TokenRule("⅓", spelled: .always("1/3")),
    TokenRule("⅔", spelled: .always("2/3")),
  ]

  /// Of HTML's; others fall to pieces.
  static let entities = [
    TokenRule("&amp;", spelled: .always("&")),
    TokenRule("&apos;", spelled: .always("'")),
    TokenRule("&gt;", spelled: .always(">")),
    TokenRule("&lt;", spelled: .always("<")),
    TokenRule("&nbsp;", spelled: .always("")),
    TokenRule(#"&#\d{2,4};"#),
    TokenRule("&(cdq|ht|lr|odq|qc|ql|qr|quot|tl|ur);"),
  ]

  static let symbols = [TokenRule(#"\y"#)]

  private static let doubleQuote = "\"|\(SharedPatterns.asWritten("&quot;"))"
  private static let directedQuotes: Replacements = [
    "‘": "`", "‛": "`", "‹": "`", "\u{91}": "`",
    "’": "'", "›": "'", "\u{92}": "'",
    "“": "``", "«": "``", "\u{93}": "``",
    "”": "''", "»": "''", "\u{94}": "''",
  ]
}
