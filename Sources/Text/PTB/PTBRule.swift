/// One rule of the tokenizer: what it matches, what has to follow, and what becomes of it.
struct PTBRule: Sendable {
  enum Treatment: Sendable {
    /// It is a token as it stands.
    case keep
    /// A token without its soft hyphens.
    case joined
    /// A token whose quotation marks become those of LaTeX.
    case quoted
    /// A token whose blanks become no-break spaces.
    case spaced
    /// A token whose round brackets get their names, and whose blanks become no-break spaces.
    case bracketed
    /// A token in which `&amp;` becomes `&`.
    case ampersands
    /// A bracket, currency, fraction or entity that goes by another name.
    case renamed
    /// All but the last code units are a token; those are read again.
    case split(last: Int)
    /// Nothing is left of it.
    case dropped
  }

  let treatment: Treatment
  let pattern: Pattern
  let context: Pattern?

  init(_ treatment: Treatment, _ pattern: String, before context: String? = nil) {
    self.treatment = treatment
    self.pattern = Pattern(pattern)
    self.context = context.map(Pattern.init)
  }
}

extension PTBRule.Treatment {
  /// The token that a piece of text becomes; nil where it becomes none.
  func token(of text: String) -> String? {
    switch self {
    case .keep, .split: text
    case .joined: text.utf8.contains(Self.softHyphenLead) ? Self.joined(text) : text
    case .quoted: Self.quoted(text)
    case .spaced: text.replacing(" ", with: "\u{A0}")
    case .bracketed:
      text.replacing(" ", with: "\u{A0}").replacing("(", with: "-lrb-").replacing(")", with: "-rrb-")
    case .ampersands: text.replacing("&amp;", with: "&").replacing("&AMP;", with: "&")
    case .renamed: Self.names[text.lowercased()] ?? text
    case .dropped: nil
    }
  }

  /// The first byte of a soft hyphen in UTF-8, and of little else.
  private static let softHyphenLead: UInt8 = 0xC2

  private static func joined(_ text: String) -> String {
    let rest = text.replacing("\u{AD}", with: "")
    return rest.isEmpty ? "-" : rest
  }

  private static func quoted(_ text: String) -> String {
    text.replacing("&apos;", with: "'").replacing("&quot;", with: "\"").map { quotes[$0] ?? String($0) }
      .joined()
  }

  private static let quotes: [Character: String] = [
    "\u{91}": "`", "\u{2018}": "`", "\u{201B}": "`", "\u{2039}": "`",
    "\u{92}": "'", "\u{2019}": "'", "\u{203A}": "'",
    "\u{93}": "``", "\u{201C}": "``", "\u{AB}": "``",
    "\"": "''", "\u{94}": "''", "\u{201D}": "''", "\u{BB}": "''",
  ]

  private static let names = [
    "(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-",
    "&lt;": "<", "&gt;": ">", "&amp;": "&",
    "¢": "cents", "£": "#", "€": "$", "¤": "$", "\u{80}": "$", "\u{20A0}": "$",
    "¼": "1/4", "½": "1/2", "¾": "3/4", "⅓": "1/3", "⅔": "2/3",
  ]
}
