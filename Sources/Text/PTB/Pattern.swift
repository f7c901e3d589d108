/// A regular expression over UTF-16 code units.
///
/// Written in the usual notation: `|`, `*`, `+`, `?`, `{2,4}`, groups, classes with ranges, `\u{2019}`.
/// `\l` stands for a letter, `\w` for a letter or a mark that belongs to one, `\d` for a decimal digit, `\s` for
/// a blank, `\n` for the end of a line, `\z` for the end of the text, `\y` for a symbol. ASCII letters stand for
/// both cases, except within a class, which holds exactly what it names.
indirect enum Pattern: Sendable {
  case units(CodeUnitSet)
  case sequence([Pattern])
  case choice([Pattern])
  /// `most` is nil where there is no limit.
  case repetition(Pattern, least: Int, most: Int?)

  /// - Precondition: `source` is well formed; patterns are constants of the program.
  init(_ source: String) {
    var parser = PatternParser(source)
    self = parser.pattern()
  }
}

/// Recursive descent over the scalars of a pattern.
private struct PatternParser {
  private let source: [Unicode.Scalar]
  private var position = 0

  init(_ source: String) { self.source = Array(source.unicodeScalars) }

  private var next: Unicode.Scalar? { position < source.count ? source[position] : nil }

  private mutating func take() -> Unicode.Scalar {
    defer { position += 1 }
    return source[position]
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  mutating func pattern() -> Pattern {
    var branches = [sequence()]
    while take("|") { branches.append(sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() -> Pattern {
    var parts: [Pattern] = []
    while let scalar = next, scalar != "|", scalar != ")" { parts.append(repetition()) }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func repetition() -> Pattern {
    let part = atom()
    if take("*") { return .repetition(part, least: 0, most: nil) }
    if take("+") { return .repetition(part, least: 1, most: nil) }
    if take("?") { return .repetition(part, least: 0, most: 1) }
    guard take("{") else { return part }
    let least = number()
    let most = take(",") ? number() : least
    precondition(take("}"), "a repetition without its end")
    return .repetition(part, least: least, most: most)
  }

  private mutating func number() -> Int {
    var value = 0
    while let digit = next.flatMap({ Character($0).wholeNumberValue }) {
      value = 10 * value + digit
      position += 1
    }
    return value
  }

  private mutating func atom() -> Pattern {
    if take("(") {
      let group = pattern()
      precondition(take(")"), "a group without its end")
      return group
    }
    if take("[") { return .units(classOfUnits()) }
    let scalar = take()
    if scalar == "\\" { return .units(escaped()) }
    return .units(bothCases(scalar))
  }

  private func bothCases(_ scalar: Unicode.Scalar) -> CodeUnitSet {
    let unit = UInt16(scalar.value)
    guard scalar.isASCII, scalar.properties.isAlphabetic else { return CodeUnitSet([unit...unit]) }
    return CodeUnitSet([unit...unit, (unit ^ 0x20)...(unit ^ 0x20)])
  }

  private mutating func classOfUnits() -> CodeUnitSet {
    let isInverted = take("^")
    var ranges: [ClosedRange<UInt16>] = []
    while !take("]") {
      let scalar = take()
      let members = scalar == "\\" ? escaped() : CodeUnitSet([UInt16(scalar.value)...UInt16(scalar.value)])
      if members.ranges.count == 1, members.ranges[0].count == 1, next == "-", source[position + 1] != "]" {
        position += 1
        let last = take()
        let end = last == "\\" ? escaped().ranges[0].upperBound : UInt16(last.value)
        ranges.append(members.ranges[0].lowerBound...end)
      } else {
        ranges += members.ranges
      }
    }
    let set = CodeUnitSet(ranges)
    return isInverted ? set.inverted : set
  }

  private mutating func escaped() -> CodeUnitSet {
    let scalar = take()
    switch scalar {
    case "l": return CharacterClasses.letters
    case "w": return CharacterClasses.wordUnits
    case "d": return CharacterClasses.digits
    case "s": return CharacterClasses.blanks
    case "y": return CharacterClasses.symbols
    case "n": return CodeUnitSet([0x0A...0x0A])
    case "z": return CodeUnitSet([CaptionList.end...CaptionList.end])
    case "u":
      precondition(take("{"), "\\u without a code point")
      var unit: UInt16 = 0
      while !take("}") { unit = 16 * unit + UInt16(Character(take()).hexDigitValue ?? 0) }
      return CodeUnitSet([unit...unit])
    default: return CodeUnitSet([UInt16(scalar.value)...UInt16(scalar.value)])
    }
  }
}
