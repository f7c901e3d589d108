/// Abbreviations, which keep their full stops.
extension PTBRules {
  static let abbreviations = [
    // An initial, unless a sentence begins behind it.
    PTBRule(.split(last: 1), #"[A-Za-z]\."#, before: "\(blank)+(\(sentenceOpenings)|\(tag))\(blank)"),
    PTBRule(.keep, #"(\#(acronym)|\#(usuallyLast)|\#(usuallyFirst))\."#),
    // “Co.Ltd” divides, as “end.Then” does not.
    PTBRule(.keep, #"(\#(usuallyLast))\."#, before: "[^]{2}"),
    PTBRule(.keep, #"(\#(beforeNumbers))\."#, before: #"\#(blank)?\d"#),
    PTBRule(.keep, acronym, before: blank),
  ]

  /// Without its last full stop; one letter is one too.
  private static let acronym = "([A-Za-z]|\(longAcronym))"
  static let longAcronym =
    #"([A-Za-z](\.[A-Za-z])+|(canada|sino|korean|eu|japan|non)-u\.s|u\.s\.-(u\.k|u\.s\.s\.r))"#

  /// Those that words in lower case usually follow. States that are words too need their capital.
  private static let usuallyLast = [
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec", "mon|tues?|wed|thu|thurs|fri",
    "ala|ariz|[A]z|[A]rk|calif|colo|conn|ct|dak|[D]el|fla|ga|[I]ll|ind|kans?|ky|[L]a|[M]ass|md|mich|minn",
    "[M]iss|mo|mont|neb|nev|okla|[O]re|[P]a|penn|tenn|[T]ex|va|vt|[W]ash|wisc?|wyo",
    "assn|bancorp|bhd|corp|cos?|dept|inc|intl|ltd|plc|pp?t[ye]s?|rt|sys|univ", "bldg|blvd|rd",
    "al|est|etc|ext|seq|sq|tel", "bros|(ed|ph)\\.d|esq|jr|sr",
  ].joined(separator: "|")

  /// Those that names usually follow.
  private static let usuallyFirst = [
    "adj|adm|adv|asst|attys?|brig|capt|co?mdr|col|cpl|drs?|ens|gen|govs?|hon|insp|lieut|lt|maj|messrs|[M]iss",
    "mlle|mme|mrs?|ms|msgr|pfc|pres|profs?|pvt|reps?|rev|sens?|sfc|sgt|spc|supts?",
    "assoc|ave|det|ft|mt|ste?",
    "alex|cie|elec|invt|jos|m[ft]g|natl|ph|treas|wm", "a\\.k\\.a|cf|vs",
  ].joined(separator: "|")

  private static let beforeNumbers = "art|ca|figs?|nos?|op|pp|prop"

  /// Words with a capital that begin a sentence rather than go on with a name.
  private static let sentenceOpenings = [
    "A", "About", "According", "Additionally", "After", "An", "As", "At", "But", "Earlier", "He", "Her",
    "Here",
    "However", "If", "In", "It", "Last", "Many", "More", "Mr\\.", "Ms\\.", "Now", "Once", "One", "Other",
    "Our", "She",
    "Since", "So", "Some", "Such", "That", "The", "Then", "There", "These", "They", "This", "We", "What",
    "When",
    "While", "Yet", "You",
  ].map { "[\($0.prefix(1))]\($0.dropFirst())" }.joined(separator: "|")
}
