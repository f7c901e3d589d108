/// Pieces that several rules share, in the notation of `Pattern`.
enum SharedPatterns {
  static let letterOrDigit = #"[\l\d]"#

  /// What stands for an apostrophe.
  static let apostrophe = #"(['’\u{92}]|&apos;)"#
  /// The same, and opening quotes that are written in place of one.
  static let anyApostrophe = #"(['’\u{92}‘`\u{91}]|&apos;)"#

  /// Letters with the digits behind them, and more of that behind a stop: “street.A”, where a space is missing.
  static let word = "\(run)([.!?]\(run))*"
  private static let run = #"(\w|\#(entity))(\w|\d|\#(entity))*"#
  /// A letter as HTML has it, such as `&eacute;`.
  private static let entity = "&(a|e|i|o|u)(acute|grave|uml);"

  /// Parts with a hyphen or an underscore between them: “T-shirt”, “will-o'the-wisp”.
  static let compound = #"\#(part)((-\u{AD}?|[_\u{2010}\u{2011}])\#(part))*"#
  private static let part = "((d|l|o)\(anyApostrophe)\(letterOrDigit))?\(letterOrDigit)+"

  /// A compound of whose first part a space is missing: “red,white-striped”, “U.S.-based”.
  static let compoundWithPoints = "[A-Za-z0-9][A-Za-z0-9.,]*(-[A-Za-z0-9]+)+"

  /// “AT&T”.
  static let joinedCapitals = "[A-Z]+(([&+]|&amp;)[A-Z]+)+"

  /// A blank or the end of a line.
  static let gap = #"[\s\n\u{85}]"#

  /// One of some words, in either case.
  static func anyOf(_ words: String) -> String {
    "(" + words.split(whereSeparator: \.isWhitespace).map(escaped).joined(separator: "|") + ")"
  }

  /// One of some words, with a capital first letter and then either case.
  static func capitalized(_ words: String) -> String {
    let patterns = words.split(whereSeparator: \.isWhitespace).map { word in
      "[\(word.prefix(1).uppercased())]" + escaped(word.dropFirst())
    }
    return "(" + patterns.joined(separator: "|") + ")"
  }

  /// One of some words, as they stand or in capitals throughout.
  static func asWrittenOrInCapitals(_ words: String) -> String {
    let words = words.split(whereSeparator: \.isWhitespace)
    return "(" + words.flatMap { [asWritten($0), asWritten($0.uppercased())] }.joined(separator: "|") + ")"
  }

  /// A text in no other case.
  static func asWritten(_ text: some StringProtocol) -> String { text.map { "[\($0)]" }.joined() }

  private static func escaped(_ word: Substring) -> String {
    word.split(separator: ".").joined(separator: #"\."#)
  }
}
