/// Clitics, *n't*, fused pairs, and words with an apostrophe in them.
///
/// The Penn Treebank splits “isn't” into “is” and “n't”, “dog's” into “dog” and “'s”, “cannot” into “can” and “not”.
enum ApostropheRules {
  /// First halves before the second, which is then a word of its own.
  static let fusedPairs = [
    TokenRule("can", before: "not"),
    TokenRule("gim", before: "me"),
    TokenRule("gon", before: "na"),
    TokenRule("got", before: "ta"),
    TokenRule("lem", before: "me"),
    TokenRule("wan", before: "na"),
    TokenRule("'t", before: "is|was"),
  ]

  /// Stems, and what is split from them.
  static let clitics = [
    TokenRule("[A-Za-z]*[A-MO-Za-mo-z]", before: not),
    TokenRule(not, spelled: .replacing(straightQuotes)),
    TokenRule(#"\w[\w\d]*"#, before: clitic),
    TokenRule(clitic, before: "[^A-Za-z]", spelled: .replacing(straightQuotes)),
  ]

  /// Words that need a list.
  static let listed = [
    TokenRule("\(apostrophe)(cause|em|n|til|till)"),
    TokenRule("\(apostrophe)n\(apostrophe)"),
    TokenRule("c\(apostrophe)est|cap\(apostrophe)n"),
    TokenRule("(dunkin|ol|somethin)\(apostrophe)"),
    TokenRule("c'mon|e'er|ev'ry|li'l|nat'l|nor'easter|s'mores"),
    TokenRule("o\(anyApostrophe)o"),
  ]

  /// A quote that opens before a word is preferred to a clitic that goes on as one: “'smile”.
  static let openingQuote = [
    TokenRule("'", before: #"[A-Za-z][^\s\n\z]"#, spelled: .always("`")),
    TokenRule(clitic, spelled: .replacing(straightQuotes)),
  ]

  /// Words in which the apostrophe is a letter.
  static let words = [
    // Irish, French and the like: “o'clock”, “L'eau”, “N'Sync”.
    TokenRule("(d|l|o)\(anyApostrophe)\(SharedPatterns.letterOrDigit){2}\(SharedPatterns.letterOrDigit)*"),
    TokenRule(#"([A-HJ-XZ]|n)\#(anyApostrophe)\l\l+"#),
    // From vowel to vowel: “Hawai'i”, “ma'am”, “Xi'an”.
    TokenRule(#"\l+(a|e|i|o|u|y)(\#(anyApostrophe)|‛)[aeiouA-Z][A-Za-z]*"#),
    // “y'all”, “j'aime”, “maître d'”.
    TokenRule("(j|y)\(apostrophe)", before: #"\w"#),
    TokenRule("(d|j|l)\(apostrophe)"),
  ]

  /// “'90s”, “'99”.
  static let years = [
    TokenRule("\(apostrophe)[2-9]0s"),
    TokenRule(#"\#(apostrophe)\d\d"#, before: SharedPatterns.gap),
  ]

  private static let apostrophe = SharedPatterns.apostrophe
  private static let anyApostrophe = SharedPatterns.anyApostrophe
  private static let clitic = "\(apostrophe)(d|ll|m|re|s|ve)"
  private static let not = "n\(anyApostrophe)t"
  private static let straightQuotes: Replacements = [
    "&apos;": "'", "’": "'", "\u{92}": "'", "‘": "`", "\u{91}": "`",
  ]
}
