/// A class of tokens: what they look like, what must follow them, and how they are written.
struct TokenRule: Sendable {
  let token: Pattern
  /// What must follow, if anything; it counts as part of the match but is left to the next token.
  let following: Pattern?
  let spelling: Spelling
  /// Whether a token “.” comes behind: a sentence ends with an abbreviation, whose period stands for two.
  let endsSentence: Bool

  enum Spelling: Sendable {
    case asItStands
    case always(String)
    case replacing(Replacements)
  }

  init(
    _ token: String, before following: String? = nil, spelled spelling: Spelling = .asItStands,
    endsSentence: Bool = false
  ) {
    self.token = Pattern(token)
    self.following = following.map(Pattern.init)
    self.spelling = spelling
    self.endsSentence = endsSentence
  }

  /// What is matched: the token with what follows.
  var pattern: Pattern { .sequence([token] + (following.map { [$0] } ?? [])) }

  /// - Parameter piece: the code units of the token, without what follows.
  /// - Returns: the token in lower case.
  func spell(_ piece: UnsafeBufferPointer<UInt16>) -> String {
    switch spelling {
    case .asItStands: Self.lowercasedASCII(piece) ?? Self.lowercased(Self.shown(piece))
    case .always(let token): token
    case .replacing(let replacements): Self.lowercased(replacements.applied(to: Self.shown(piece)))
    }
  }

  /// The shortcut of nearly every token; nil where the piece has other characters.
  private static func lowercasedASCII(_ piece: UnsafeBufferPointer<UInt16>) -> String? {
    guard piece.allSatisfy({ $0 < 0x80 }) else { return nil }
    return String(unsafeUninitializedCapacity: piece.count) { bytes in
      for (index, unit) in piece.enumerated() {
        let isCapital = (0x41...0x5A).contains(unit)
        bytes.initializeElement(at: index, to: UInt8(truncatingIfNeeded: isCapital ? unit | 0x20 : unit))
      }
      return piece.count
    }
  }

  /// A soft hyphen shows only where it is alone.
  private static func shown(_ piece: UnsafeBufferPointer<UInt16>) -> [UInt16] {
    let visible = piece.filter { $0 != CharacterClasses.softHyphen }
    return visible.isEmpty ? [UInt16(UInt8(ascii: "-"))] : visible
  }

  private static func lowercased(_ units: [UInt16]) -> String {
    String(decoding: units, as: UTF16.self).lowercasedWithFinalSigma
  }
}
