/// Names with signs in them.
enum NameRules {
  static let rules = [
    TokenRule(SharedPatterns.joinedCapitals, spelled: .replacing(["&amp;": "&", "&AMP;": "&"])),
    TokenRule("c[+][+]|(c|f)#"),
    TokenRule("@[A-Za-z_][A-Za-z0-9_]*"),
    TokenRule(#"#\w+"#),
  ]
}
