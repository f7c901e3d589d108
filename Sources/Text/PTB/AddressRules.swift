/// Addresses of people and pages, names of files, and markup.
enum AddressRules {
  static let rules = [
    TokenRule("<?[A-Za-z0-9]\(unit)*@\(domain)>?"),
    TokenRule("https?://\(unit)*\(lastUnit)"),
    TokenRule("www[.](\(domainPart)[.])+[A-Za-z]{2,4}\(path)"),
    TokenRule("(\(plainDomainPart)[.])+(com|edu|net|org)\(path)"),
    // A file whose name is a number; others are words anyway.
    TokenRule(
      #"[\l\d]+([.][\l\d]+)*[.]\#(SharedPatterns.anyOf(fileExtensions))"#, before: #"[\s\n\u{85}.,!?]"#),
    TokenRule("</?\(markupName)(\(attribute))* */?>", spelled: .replacing(oneToken)),
    TokenRule(#"<[!?][A-Za-z-][^<>\n\z]*>"#, spelled: .replacing(oneToken)),
  ]

  private static let separators = #"\s\n\z"()<>{}|"#
  private static let unit = "[^\(separators)]"
  /// A stop behind an address is the sentence's.
  private static let lastUnit = "[^.,!?\(separators)-]"
  private static let path = "(/\(unit)+\(lastUnit))?"

  private static let domain = "[^.\(separators)]+([.][^.\(separators)]+)*"
  private static let domainPart = "[^./\(separators)]+"
  /// Of a domain without “www”: small letters and some signs, and what is not ASCII, the full-width ＠ too.
  private static let plainDomainPart = #"[a-z#%&$*=~^+\u{A1}-\u{1FFF}\u{200B}-\u{2FFF}\u{3001}-\u{FFFE}]+"#

  private static let fileExtensions = """
    bat bmp c class cgi cpp dll doc docx exe gif gz h htm html jar java jpeg jpg mov mp3 pdf php pl png ppt ps py sql
    tar txt wav x xml zip
    """

  private static let markupName = "[A-Za-z][A-Za-z0-9_:.-]*"
  private static let attribute = " +[A-Za-z_][A-Za-z0-9_.:-]*( *= *\(value))?"
  private static let value = #"("[^"\n\z]*"|'[^'\n\z]*'|[A-Za-z0-9_.:-]+)"#
  /// Tokens are separated by spaces, so they have none in them.
  private static let oneToken: Replacements = [" ": "\u{A0}"]
}
