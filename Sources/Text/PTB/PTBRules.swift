/// The rules by which the Stanford tokenizer (CoreNLP 3.4.1) divides English text, as far as they show once
/// punctuation is dropped.
///
/// The longest match wins, what has to follow counted in; of equally long ones the first rule.
enum PTBRules {
  static let all =
    words + markup + addresses + abbreviations + fileNames + numbers + compounds + signs + quotations + blanks

  // MARK: Pieces of patterns

  static let blank = #"[ \t\r\n\u{B}\u{C}\u{85}\u{A0}\u{2000}-\u{200A}\u{2028}\u{2029}\u{3000}]"#
  static let letter = #"(\w|&[aeiouAEIOU](acute|grave|uml);)"#
  static let digitOrLetter = #"(\#(letter)|\d)"#
  /// Goes on after a full stop without a blank, as in “end.Then”.
  static let word = #"\#(letter)\#(digitOrLetter)*([.!?]\#(letter)\#(digitOrLetter)*)*"#
  static let apostrophe = #"(['\u{92}\u{2019}]|&apos;)"#
  /// And what stands for one within a word, rightly or not.
  static let anyApostrophe = #"(\#(apostrophe)|[`\u{91}\u{2018}\u{201B}])"#
  /// What remains of “is” and its like behind a word.
  static let auxiliary = "\(apostrophe)([msdMSD]|re|ve|ll)"
  static let negation = "n\(anyApostrophe)t"
  /// What comes after a word in the middle of a sentence.
  static let comma = #"[,;:\u{3001}]"#

  // MARK: Words

  private static let words = [
    PTBRule(.split(last: 3), "cannot|'twas"),
    PTBRule(.split(last: 2), "'tis|gonna|gotta|lemme|gimme|wanna"),
    PTBRule(.keep, #"c\+\+|(c|f)#"#),
    PTBRule(.joined, word, before: auxiliary),
    PTBRule(.joined, #"[A-Za-z\u{AD}]*[A-MO-Za-mo-z]\u{AD}*"#, before: negation),
    PTBRule(.joined, word),
    PTBRule(.joined, #"\#(word)\."#, before: comma),
    // 'n', l', somethin', 'em, the '80s, Shi'ite, O'Brien
    PTBRule(.keep, "\(apostrophe)n\(apostrophe)?|([lLdDjJ]|dunkin|somethin|ol)\(apostrophe)"),
    PTBRule(.keep, "\(apostrophe)(em|till?|cause|[2-9]0s)|cap\(apostrophe)n|c\(apostrophe)est"),
    PTBRule(.keep, #"[A-HJ-XZn]\#(anyApostrophe)\l\l+|\l+[aeiouyAEIOUY]\#(anyApostrophe)[aeiouA-Z]\l*"#),
    PTBRule(.keep, #"cont'd\.?|nor'easter|c'mon|e'er|s'mores|ev'ry|li'l|nat'l|o\#(anyApostrophe)o"#),
    PTBRule(.keep, "y\(apostrophe)", before: #"\l"#),
    PTBRule(.keep, #"\#(apostrophe)[0-9]{2}"#, before: blank),
    PTBRule(.quoted, "\(auxiliary)|\(negation)", before: "[^A-Za-z]"),
  ]

  /// Numbers and letters with hyphens, slashes or ampersands between them.
  private static let compounds: [PTBRule] = {
    // x-ray, d'Artagnan, O'Neill-like
    let part = #"([dDoOlL]\#(anyApostrophe)(\l|\d))?(\l|\d)+"#
    let hyphenated = #"\#(part)([-_\u{58A}\u{2010}\u{2011}]\#(part))*"#
    // 1,000-foot, U.S.-made
    let pointed = #"[A-Za-z0-9][A-Za-z0-9.,\u{AD}]*(-([A-Za-z0-9\u{AD}]+|\#(longAcronym)\.))+"#
    // AT&T, A+B
    let joinedNames = "[A-Z]+(([+&]|&amp;)[A-Z]+)+"
    // and/or, he/she/it
    let slashPart = "[A-Za-z0-9]+(-[A-Za-z]+){0,2}"
    return [
      PTBRule(.keep, #"\#(slashPart)(\\?\/\#(slashPart)){1,2}"#),
      PTBRule(.ampersands, #"-(l|r)(r|c|s)b-|pro-|anti-|c\.d\.s|s(&|&amp;)p-500|s(&|&amp;)ls"#),
      PTBRule(.joined, #"\#(pointed)\."#, before: comma),
      PTBRule(.joined, pointed),
      PTBRule(.keep, #"\#(hyphenated)\."#, before: comma),
      PTBRule(.keep, hyphenated),
      PTBRule(.ampersands, #"\#(joinedNames)\."#, before: comma),
      PTBRule(.ampersands, joinedNames),
    ]
  }()

  // MARK: Markup and addresses

  static let tag: String = {
    let name = "[A-Za-z][A-Za-z0-9_:.-]*"
    let attribute = #"\#(name)( *= *('[^'\r\n]*'|"[^"\r\n]*"))?"#
    return #"<([!?][A-Za-z-][^>\r\n]*|\#(name)( +\#(attribute))* *\/?|\/\#(name)) *>"#
  }()

  private static let markup = [
    PTBRule(.spaced, tag),
    PTBRule(.renamed, "&(amp|lt|gt);"),
    PTBRule(.dropped, "&(md|mdash|ndash|nbsp);"),
    PTBRule(.keep, "&(ht|tl|ur|lr|qc|ql|qr|odq|cdq|#[0-9]+);"),
  ]

  private static let addresses: [PTBRule] = {
    let host = #"www\.([^ \t\n\f\r"<>|.!?(){},]+\.)+[a-zA-Z]{2,4}"#
    let knownDomain = #"([^ \t\n\f\r"`'<>|.!?(){},-_$]+\.)+(com|net|org|edu)"#
    let path = #"\/[^ \t\n\f\r"<>|()]+[^ \t\n\f\r"<>|.!?(){},-]"#
    let mailbox = #"[a-zA-Z0-9][^ \t\n\f\r"<>|()\u{A0}{}]*"#
    let mailHost = #"([^ \t\n\f\r"<>|(){}.\u{A0}]+\.)*[^ \t\n\f\r"<>|(){}.\u{A0}]+"#
    return [
      PTBRule(.keep, #"https?:\/\/[^ \t\n\f\r"<>|(){}]+[^ \t\n\f\r"<>|.!?(){},-]"#),
      PTBRule(.keep, "(\(host)|\(knownDomain))(\(path))?"),
      PTBRule(.keep, "(&lt;|<)?\(mailbox)@\(mailHost)(&gt;|>)?"),
      PTBRule(.keep, "@[a-zA-Z_][a-zA-Z_0-9]*|#\(letter)+"),
    ]
  }()

  private static let fileNames: [PTBRule] = {
    let ending =
      "bat|bmp|c|class|cgi|cpp|dll|docx?|exe|gif|gz|html?|h|jar|java|jpe?g|mov|mp3|pdf|php|pl|png|ppt|ps|py"
      + "|sql|tar|txt|wav|x|xml|zip"
    let name = #"\#(digitOrLetter)+(\.\#(digitOrLetter)+)*"#
    return [PTBRule(.keep, #"\#(name)\.(\#(ending))"#, before: #"\#(blank)|[.?!,"<]"#)]
  }()

  // MARK: Numbers

  private static let numbers = [
    // 10/12/2014
    PTBRule(.keep, #"\d{1,2}[-\/]\d{1,2}[-\/]\d{2,4}"#),
    // 5, +5, .5, 1,000.50, 12:30
    PTBRule(.joined, #"[-+]?(\d+|\d*([.:,\u{AD}\u{66B}\u{66C}]\d+)+)"#),
    // superscripts and subscripts
    PTBRule(
      .keep,
      #"[\u{207A}\u{207B}\u{208A}\u{208B}]?"#
        + #"([\u{B2}\u{B3}\u{B9}\u{2070}\u{2074}-\u{2079}]+|[\u{2080}-\u{2089}]+)"#
    ),
    // 1/2, 2 1/2
    PTBRule(.spaced, #"(\d{1,4}[- \u{A0}])?\d{1,4}(\\?\/|\u{2044})\d{1,4}"#),
    PTBRule(.renamed, #"[\u{BC}-\u{BE}\u{2153}-\u{215E}]"#),
    // (555) 555-1234, 555.555.1234
    PTBRule(
      .bracketed,
      #"(\([0-9]{2,3}\)[ \u{A0}]?|(\+\+?)?([0-9]{2,4}[- \u{A0}])?[0-9]{2,4}[- \u{A0}])"#
        + #"[0-9]{3,4}[- \u{A0}]?[0-9]{3,5}"#),
    PTBRule(.keep, #"((\+\+?)?[0-9]{2,4}\.)?[0-9]{2,4}\.[0-9]{3,4}\.[0-9]{3,5}"#),
    // $, US$
    PTBRule(.keep, #"[A-Z]*\$|#"#),
    PTBRule(
      .renamed,
      #"[\u{80}\u{A2}-\u{A5}\u{60B}\u{E3F}\u{20A0}\u{20A4}\u{20AC}\u{FFE0}\u{FFE1}\u{FFE5}\u{FFE6}]"#),
  ]

  // MARK: Signs

  private static let signs = [
    PTBRule(.renamed, #"[(){}\[\]]"#),
    PTBRule(.keep, "<<?|>>?"),
    // Faces, western and eastern.
    PTBRule(.bracketed, #"[<>]?[:;=][-o*']?[()DPdpO\\{@|\[\]]"#, before: "[^A-Za-z0-9]"),
    PTBRule(.bracketed, #"\([-\^x=~<>'][_.]?[-\^x=~<>']\)|\([\^x=~<>']-[\^x=~<>'`]\)"#),
    PTBRule(.keep, #"[-\^x=~<>']_[-\^x=~<>']|[\^x=~<>]\.\[\^x=<>\]"#),
    PTBRule(.dropped, #"-{1,4}|[\u{96}\u{97}\u{2013}-\u{2015}]"#),
    PTBRule(.keep, "-+"),
    PTBRule(.dropped, #"\.{3,5}|(\.[ \u{A0}]){2,4}\.|[\u{85}\u{2026}]"#),
    PTBRule(.keep, #"@+|#+|_+|\*+|(\\\*){1,3}|[?!]+|=|\/|\.|\#(comma)"#),
    PTBRule(.keep, symbols),
  ]

  /// Signs that are tokens of their own; others beyond ASCII are dropped.
  private static let symbols =
    #"[+%&~\^|\\\u{A1}\u{A6}-\u{A9}\u{AC}\u{AE}-\u{BA}\u{BF}\u{D7}\u{F7}\u{37E}\u{387}\u{589}\u{5BE}\u{5C0}"#
    + #"\u{5C3}\u{5C6}\u{5F3}\u{5F4}\u{600}-\u{603}\u{606}-\u{60A}\u{60C}\u{614}\u{61B}\u{61E}\u{61F}"#
    + #"\u{66A}\u{66D}\u{6D4}\u{700}-\u{70D}\u{7F6}-\u{7F8}\u{7FA}\u{964}\u{965}\u{E4F}\u{1FBD}"#
    + #"\u{2016}\u{2017}\u{2020}-\u{2023}\u{2030}-\u{2038}\u{203B}\u{203E}-\u{2042}\u{2044}\u{207A}-\u{207F}"#
    + #"\u{208A}-\u{208E}\u{2100}-\u{214F}\u{2190}-\u{2BFF}\u{3002}\u{3012}\u{30FB}\u{FF01}-\u{FF0F}"#
    + #"\u{FF1A}-\u{FF20}\u{FF3B}-\u{FF40}\u{FF5B}-\u{FF65}]"#

  private static let quotations = [
    PTBRule(.quoted, "\"|&quot;"),
    // Takes an opening quote away from what it would be an apostrophe of.
    PTBRule(.dropped, "'", before: #"[A-Za-z][^ \t\n\r\u{A0}]"#),
    PTBRule(.quoted, "\(auxiliary)|\(negation)"),
    PTBRule(.quoted, "\(apostrophe)|''"),
    PTBRule(.quoted, #"[`\u{91}-\u{94}\u{AB}\u{BB}\u{2018}-\u{201F}\u{2039}\u{203A}]{1,2}"#),
  ]

  private static let blanks = [PTBRule(.dropped, "\(blank)+")]
}
