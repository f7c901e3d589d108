/// What becomes of a piece of text that a rule matches.
enum PTBTreatment: Sendable {
  /// It is a token as it stands.
  case keep
  /// Soft hyphens go.
  case joined
  /// A token that may hold quotation marks, which become ` and '; straight ones open where `opening` says so.
  case quotes(opening: Bool)
  /// A token with blanks, which become no-break spaces.
  case spaced
  /// Round brackets become -LRB- and -RRB-, blanks no-break spaces.
  case bracketed
  /// `&amp;` becomes `&`.
  case ampersands
  /// One symbol by another name: currencies and fractions.
  case symbol
  /// A token of another text.
  case become(String)
  /// All but the last code units are a token; these are scanned again.
  case split(last: Int)
  /// Nothing.
  case skip
}

/// One rule of the tokenizer: what it matches, what has to follow, and what becomes of it.
struct PTBRule: Sendable {
  let pattern: Pattern
  let context: Pattern?
  let treatment: PTBTreatment

  init(_ treatment: PTBTreatment, _ pattern: String, before context: String? = nil) {
    self.pattern = Pattern(pattern)
    self.context = context.map(Pattern.init)
    self.treatment = treatment
  }
}

/// The rules by which the Stanford tokenizer (CoreNLP 3.4.1) divides English text.
///
/// The longest match wins, what has to follow counted in; of equally long ones the first rule. Rules of the
/// original that differ only in whether a final full stop is doubled are one here, since full stops are dropped.
enum PTBRules {
  static let all: [PTBRule] =
    contractions + markup + words + addresses + numbers + abbreviations + quotations + brackets + punctuation
    + compounds + leftovers

  // MARK: Pieces of patterns

  private static let blank = #"[ \t\u{A0}\u{2000}-\u{200A}\u{3000}]"#
  private static let blankOrNewline =
    #"[ \t\u{A0}\u{2000}-\u{200A}\u{3000}\r\n\u{2028}\u{2029}\u{B}\u{C}\u{85}]"#
  private static let apostrophe = #"(['\u{92}\u{2019}]|&apos;)"#
  private static let anyApostrophe = #"(['`\u{92}\u{2019}\u{91}\u{2018}\u{201B}]|&apos;)"#
  private static let hyphen = #"[-_\u{58A}\u{2010}\u{2011}]"#
  private static let letter = #"(\w|&[aeiouAEIOU](acute|grave|uml);)"#
  private static let word = #"\#(letter)(\#(letter)|\d)*([.!?]\#(letter)(\#(letter)|\d)*)*"#
  private static let number = #"(\d+|\d*([.:,\u{AD}\u{66B}\u{66C}]\d+)+)"#
  private static let signedNumber = #"[-+]?\#(number)"#
  private static let auxiliary = #"\#(apostrophe)([msdMSD]|re|ve|ll)"#
  private static let negation = #"n\#(anyApostrophe)t"#
  private static let sentencePunctuation = #"[,;:\u{3001}]"#

  // MARK: Words

  private static let contractions = [
    PTBRule(.keep, #"c\+\+|(c|f)#"#),
    PTBRule(.split(last: 3), "cannot|'twas"),
    PTBRule(.split(last: 2), "'tis|gonna|gotta|lemme|gimme|wanna"),
  ]

  private static let words = [
    PTBRule(.joined, word, before: auxiliary),
    PTBRule(.joined, #"[A-Za-z\u{AD}]*[A-MO-Za-mo-z]\u{AD}*"#, before: negation),
    PTBRule(.joined, word),
    PTBRule(
      .keep,
      #"\#(apostrophe)n\#(apostrophe)?|[lLdDjJ]\#(apostrophe)|(dunkin|somethin|ol)\#(apostrophe)"#
        + #"|\#(apostrophe)(em|till?|cause)|[A-HJ-XZn]\#(anyApostrophe)\l{2}\l*|\#(apostrophe)[2-9]0s"#
        + #"|\l\l*[aeiouyAEIOUY]\#(anyApostrophe)[aeiouA-Z]\l*|cont'd\.?|nor'easter|c'mon|e'er|s'mores|ev'ry"#
        + #"|li'l|nat'l|o\#(anyApostrophe)o"#),
    PTBRule(.keep, "y\(apostrophe)", before: #"\l"#),
    PTBRule(.quotes(opening: false), "\(auxiliary)|\(negation)", before: "[^A-Za-z]"),
  ]

  private static let name = "[A-Za-z][A-Za-z0-9_:.-]*"
  private static let attribute = #"\#(name) *= *('[^'\r\n]*'|"[^"\r\n]*")"#
  private static let tag =
    #"<([!?][A-Za-z-][^>\r\n]*|\#(name)( +(\#(name)|\#(attribute)))* *\/?|\/\#(name)) *>"#

  private static let markup = [
    PTBRule(.spaced, tag),
    PTBRule(.become("--"), #"&(md|mdash|ndash);|[\u{96}\u{97}\u{2013}\u{2014}\u{2015}]"#),
    PTBRule(.become("&"), "&amp;"),
    PTBRule(.keep, "&(ht|tl|ur|lr|qc|ql|qr|odq|cdq|#[0-9]+);"),
  ]

  private static let addresses = [
    PTBRule(
      .keep,
      #"https?:\/\/[^ \t\n\f\r"<>|(){}]+[^ \t\n\f\r"<>|.!?(){},-]"#),
    PTBRule(
      .keep,
      #"(www\.([^ \t\n\f\r"<>|.!?(){},]+\.)+[a-zA-Z]{2,4}|([^ \t\n\f\r"`'<>|.!?(){},-_$]+\.)+(com|net|org|edu))"#
        + #"(\/[^ \t\n\f\r"<>|()]+[^ \t\n\f\r"<>|.!?(){},-])?"#),
    PTBRule(
      .keep,
      #"(&lt;|<)?[a-zA-Z0-9][^ \t\n\f\r"<>|()\u{A0}{}]*@([^ \t\n\f\r"<>|(){}.\u{A0}]+\.)*"#
        + #"([^ \t\n\f\r"<>|(){}.\u{A0}]+)(&gt;|>)?"#),
    PTBRule(.keep, "@[a-zA-Z_][a-zA-Z_0-9]*|#\(letter)+"),
  ]

  // MARK: Numbers

  private static let numbers = [
    PTBRule(.keep, #"\d{1,2}[-\/]\d{1,2}[-\/]\d{2,4}"#),
    PTBRule(.joined, signedNumber),
    PTBRule(
      .keep,
      #"[\u{207A}\u{207B}\u{208A}\u{208B}]?([\u{2070}\u{B9}\u{B2}\u{B3}\u{2074}-\u{2079}]+|[\u{2080}-\u{2089}]+)"#
    ),
    PTBRule(.spaced, #"(\d{1,4}[- \u{A0}])?\d{1,4}(\\?\/|\u{2044})\d{1,4}"#),
    PTBRule(.symbol, #"[\u{BC}\u{BD}\u{BE}\u{2153}-\u{215E}]"#),
    PTBRule(.ampersands, #"-(rrb|lrb|rcb|lcb|rsb|lsb)-|c\.d\.s|pro-|anti-|s(&|&amp;)p-500|s(&|&amp;)ls"#),
    PTBRule(.keep, "cap\(apostrophe)n|c\(apostrophe)est"),
    PTBRule(.keep, #"[A-Za-z0-9]+(-[A-Za-z]+){0,2}(\\?\/[A-Za-z0-9]+(-[A-Za-z]+){0,2}){1,2}"#),
    PTBRule(.keep, #"[A-Z]*\$|#"#),
    PTBRule(
      .symbol,
      #"[\u{A2}-\u{A5}\u{80}\u{20A0}\u{20AC}\u{60B}\u{E3F}\u{20A4}\u{FFE0}\u{FFE1}\u{FFE5}\u{FFE6}]"#),
  ]

  // MARK: Abbreviations

  private static let acronym =
    #"([A-Za-z](\.[A-Za-z])*|(canada|sino|korean|eu|japan|non)-u\.s|u\.s\.-(u\.k|u\.s\.s\.r))"#

  /// An acronym of several letters.
  private static let longAcronym = acronym.replacing("[A-Za-z])*", with: "[A-Za-z])+")

  /// Abbreviations after which a capital begins a sentence; they win over a word that goes on after the full stop,
  /// unless that is longer by two letters.
  private static let beforeLowerCase =
    // months and days
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thu|thurs|fri"
    // American states; those that are words too only with a capital
    + "|ala|ariz|[A]z|[A]rk|calif|colo|conn|ct|dak|[D]el|fla|ga|[I]ll|ind|kans?|ky|[L]a|[M]ass|md|mich|minn"
    + "|[M]iss|mo|mont|neb|nev|okla|[O]re|[P]a|penn|tenn|[T]ex|va|vt|[W]ash|wisc?|wyo"
    // companies
    + "|inc|cos?|corp|pp?t[ye]s?|ltd|plc|rt|bancorp|dept|bhd|assn|bldg|univ|intl|sys"
    // numbers, lists and what follows names
    + "|tel|est|ext|sq|etc|al|seq|jr|sr|bros|blvd|rd|(ed|ph)\\.d|esq"

  /// Abbreviations that names follow.
  private static let beforeNames =
    "mr|mrs|ms|[M]iss|drs?|profs?|sens?|reps?|attys?|lt|col|gen|messrs|govs?|adm|rev|maj|sgt|cpl|pvt|mt|capt|ste?"
    + "|adj|adv|asst|assoc|ens|insp|mlle|mme|msgr|sfc|ft|ave|pres|lieut|hon|brig|co?mdr|pfc|spc|supts?|det|alex|wm|jos|cie|a\\.k\\.a|treas|ph|vs|cf"
    + "|invt|elec|natl|m[ft]g"

  /// What a sentence begins with, so that a letter and a full stop before it are no initial. Case counts.
  private static let sentenceOpener =
    [
      "About", "According", "Additionally", "After", "An", "A", "As", "At", "But", "Earlier", "He", "Her",
      "Here",
      "However", "If", "In", "It", "Last", "Many", "More", "Mr\\.", "Ms\\.", "Now", "Once", "One", "Other",
      "Our",
      "She", "Since", "So", "Some", "Such", "That", "The", "Then", "There", "These", "They", "This", "We",
      "When",
      "While", "What", "Yet", "You",
    ].map { "[\($0.prefix(1))]\($0.dropFirst())" }.joined(separator: "|")

  private static let fileExtension =
    "bat|bmp|c|class|cgi|cpp|dll|doc|docx|exe|gif|gz|h|htm|html|jar|java|jpeg|jpg|mov|mp3|pdf|php|pl|png|ppt"
    + "|ps|py|sql|tar|txt|wav|x|xml|zip"

  private static let abbreviations = [
    PTBRule(
      .split(last: 1), #"[A-Za-z]\."#, before: "\(blankOrNewline)+(\(sentenceOpener)|\(tag))\(blankOrNewline)"
    ),
    PTBRule(.keep, #"(\#(beforeLowerCase)|\#(beforeNames)|\#(acronym))\."#),
    PTBRule(.keep, #"(\#(beforeLowerCase))\."#, before: #"[^]{2}"#),
    PTBRule(.keep, #"(ca|figs?|prop|nos?|art|pp|op)\."#, before: #"\#(blankOrNewline)?\d"#),
    PTBRule(.keep, acronym, before: blankOrNewline),
    PTBRule(
      .keep, #"(\#(letter)|\d)+(\.(\#(letter)|\d)+)*\.(\#(fileExtension))"#,
      before: #"\#(blankOrNewline)|[.?!,"<]"#),
    PTBRule(.keep, "\(apostrophe)[0-9][0-9]", before: blankOrNewline),
    PTBRule(.joined, #"\#(word)\."#, before: sentencePunctuation),
    PTBRule(
      .bracketed,
      #"(\([0-9]{2,3}\)[ \u{A0}]?|(\+\+?)?([0-9]{2,4}[- \u{A0}])?[0-9]{2,4}[- \u{A0}])[0-9]{3,4}[- \u{A0}]?[0-9]{3,5}"#
        + #"|((\+\+?)?[0-9]{2,4}\.)?[0-9]{2,4}\.[0-9]{3,4}\.[0-9]{3,5}"#),
  ]

  // MARK: Signs

  private static let quotations = [
    PTBRule(.quotes(opening: true), #""|&quot;"#, before: "[A-Za-z0-9$]"),
    PTBRule(.quotes(opening: false), #""|&quot;"#),
  ]

  private static let brackets = [
    PTBRule(.become("<"), "<|&lt;"),
    PTBRule(.become(">"), ">|&gt;"),
    PTBRule(.bracketed, #"[<>]?[:;=][-o*']?[()DPdpO\\{@|\[\]]"#, before: "[^A-Za-z0-9]"),
    PTBRule(
      .bracketed,
      #"[\^x=~<>]\.\[\^x=<>\]|[-\^x=~<>']_[-\^x=~<>']|\([-\^x=~<>'][_.]?[-\^x=~<>']\)"#
        + #"|\([\^x=~<>']-[\^x=~<>'`]\)"#),
    PTBRule(.become("-LCB-"), #"\{"#),
    PTBRule(.become("-RCB-"), #"\}"#),
    PTBRule(.become("-LSB-"), #"\["#),
    PTBRule(.become("-RSB-"), #"\]"#),
    PTBRule(.become("-LRB-"), #"\("#),
    PTBRule(.become("-RRB-"), #"\)"#),
  ]

  private static let punctuation = [
    PTBRule(.become("--"), "-{3,4}"),
    PTBRule(.keep, "-+"),
    PTBRule(.become("..."), #"\.{3,5}|(\.[ \u{A0}]){2,4}\.|[\u{85}\u{2026}]"#),
    PTBRule(.keep, #"@+|#+|_+|\*+|(\\\*){1,3}|[?!]+|=|\/"#),
    PTBRule(.keep, sentencePunctuation),
    PTBRule(.keep, #"[.¡¿\u{37E}\u{589}\u{61F}\u{6D4}\u{700}-\u{702}\u{7FA}\u{3002}]"#),
  ]

  private static let compounds: [PTBRule] = {
    let part = #"([dDoOlL]\#(anyApostrophe)(\l|\d))?(\l|\d)+"#
    let hyphenated = #"[A-Za-z0-9][A-Za-z0-9.,\u{AD}]*(-([A-Za-z0-9\u{AD}]+|\#(longAcronym)\.))+"#
    let plain = "\(part)(\(hyphen)\(part))*"
    let joinedNames = "[A-Z]+(([+&]|&amp;)[A-Z]+)+"
    return [
      PTBRule(.joined, #"\#(hyphenated)\."#, before: sentencePunctuation),
      PTBRule(.joined, hyphenated),
      PTBRule(.keep, #"\#(plain)\."#, before: sentencePunctuation),
      PTBRule(.keep, plain),
      PTBRule(.ampersands, #"\#(joinedNames)\."#, before: sentencePunctuation),
      PTBRule(.ampersands, joinedNames),
    ]
  }()

  private static let leftovers = [
    PTBRule(.quotes(opening: true), "'", before: #"[A-Za-z][^ \t\n\r\u{A0}]"#),
    PTBRule(.quotes(opening: false), "\(auxiliary)|\(negation)"),
    PTBRule(
      .quotes(opening: false),
      #"\#(apostrophe)|''|[`\u{2018}\u{2019}\u{201A}-\u{201F}\u{91}-\u{94}\u{2039}\u{203A}\u{AB}\u{BB}]{1,2}"#
    ),
    PTBRule(.keep, "<<|>>"),
    PTBRule(.keep, symbols),
    PTBRule(.skip, "&nbsp;|\(blankOrNewline)+"),
  ]

  /// Signs that are tokens of their own.
  private static let symbols =
    #"[+%&~\^|\\\u{A6}-\u{A9}\u{AC}\u{AE}-\u{BA}\u{D7}\u{F7}\u{387}\u{5BE}\u{5C0}\u{5C3}\u{5C6}\u{5F3}\u{5F4}"#
    + #"\u{600}-\u{603}\u{606}-\u{60A}\u{60C}\u{614}\u{61B}\u{61E}\u{66A}\u{66D}\u{703}-\u{70D}"#
    + #"\u{7F6}-\u{7F8}\u{964}\u{965}\u{E4F}\u{1FBD}\u{2016}\u{2017}\u{2020}-\u{2023}\u{2030}-\u{2038}\u{203B}"#
    + #"\u{203E}-\u{2042}\u{2044}\u{207A}-\u{207F}\u{208A}-\u{208E}\u{2100}-\u{214F}\u{2190}-\u{2BFF}\u{3012}"#
    + #"\u{30FB}\u{FF01}-\u{FF0F}\u{FF1A}-\u{FF20}\u{FF3B}-\u{FF40}\u{FF5B}-\u{FF65}]"#
}
