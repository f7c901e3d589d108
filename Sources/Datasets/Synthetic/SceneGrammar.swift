import Tensors

/// The grammar of the captions, read in both directions: it writes captions of a scene, and it reads a
/// caption back, which tells whether a generated caption is exactly right.
///
///     sentence = ["there" verb] group relation group
///              | group "with" group relation pronoun
///              | relation group "there" verb group
///     group    = ("a" | "two" | "three") size color shape["s"]
///     size     = "small" | "large" | "big"
///     relation = "above" | "over" | "below" | "under" | ["to the"] "left of" | ["to the"] "right of"
///     verb     = "is" | "are"
///     pronoun  = "it" | "them"
extension SceneDescription {
  /// Five captions in words chosen among synonyms:
  ///
  ///     two small red circles above a large blue square
  ///     there are two small red circles over a big blue square
  ///     two small red circles with a large blue square below them
  ///     above a large blue square there are two small red circles
  ///     under two small red circles there is a big blue square
  ///
  /// They name the upper or left group first or else begin with the relation, so that the words so far always
  /// tell which group comes next. Otherwise a small model needs several times the steps to learn the
  /// language.
  func captions(using random: inout Philox) -> [String] {
    let (a, b) = (first.phrase(using: &random), second.phrase(using: &random))
    let (forth, back) = (relation.phrases, relation.converse.phrases)
    return [
      "\(a) \(random.element(of: forth)) \(b)",
      "there \(first.verb) \(a) \(random.element(of: forth)) \(b)",
      "\(a) with \(b) \(random.element(of: back)) \(first.pronoun)",
      "\(random.element(of: forth)) \(b) there \(first.verb) \(a)",
      "\(random.element(of: back)) \(a) there \(second.verb) \(b)",
    ]
  }

  /// What `caption` says, or nil where it is no sentence of the grammar: a model's caption is right when this
  /// equals the scene's own description.
  public init?(caption: String) {
    let words = caption.split(separator: " ")[...]
    for read in [Self.plain, Self.withClause, Self.inversion] {
      var rest = words
      if let description = read(&rest), rest.isEmpty {
        self = description
        return
      }
    }
    return nil
  }

  private static func plain(_ words: inout ArraySlice<Substring>) -> Self? {
    let verb = words.skip("there") ? words.popFirst() : nil
    guard let subject = Group(reading: &words), verb == nil || verb == subject.verb[...],
      let relation = Relation(reading: &words), let object = Group(reading: &words)
    else { return nil }
    return Self(subject, relation, object)
  }

  private static func withClause(_ words: inout ArraySlice<Substring>) -> Self? {
    guard let object = Group(reading: &words), words.skip("with"), let subject = Group(reading: &words),
      let relation = Relation(reading: &words), words.skip(object.pronoun)
    else { return nil }
    return Self(subject, relation, object)
  }

  private static func inversion(_ words: inout ArraySlice<Substring>) -> Self? {
    guard let relation = Relation(reading: &words), let object = Group(reading: &words),
      words.skip("there"), let verb = words.popFirst(), let subject = Group(reading: &words),
      verb == subject.verb
    else { return nil }
    return Self(subject, relation, object)
  }
}

extension SceneDescription.Group {
  private static let numerals = ["a", "two", "three"]

  fileprivate var verb: String { count == 1 ? "is" : "are" }
  fileprivate var pronoun: String { count == 1 ? "it" : "them" }
  private var noun: String { count == 1 ? shape.rawValue : shape.rawValue + "s" }

  fileprivate func phrase(using random: inout Philox) -> String {
    "\(Self.numerals[count - 1]) \(random.element(of: size.words)) \(color) \(noun)"
  }

  fileprivate init?(reading words: inout ArraySlice<Substring>) {
    guard words.count >= 4 else { return nil }
    let (numeral, adjective, hue, noun) = (
      words.removeFirst(), words.removeFirst(), words.removeFirst(), words.removeFirst()
    )
    guard let index = Self.numerals.firstIndex(of: String(numeral)),
      let size = SceneDescription.Size.allCases.first(where: { $0.words.contains(String(adjective)) }),
      let color = SceneDescription.Color(rawValue: String(hue)),
      let shape = SceneDescription.Shape.allCases.first(where: { noun.hasPrefix($0.rawValue) })
    else { return nil }
    self.init(count: index + 1, size: size, color: color, shape: shape)
    guard noun == self.noun else { return nil }
  }
}

extension SceneDescription.Size {
  fileprivate var words: [String] {
    switch self {
    case .small: ["small"]
    case .large: ["large", "big"]
    }
  }
}

extension SceneDescription.Relation {
  fileprivate var phrases: [String] {
    switch self {
    case .above: ["above", "over"]
    case .below: ["below", "under"]
    case .leftOf: ["left of", "to the left of"]
    case .rightOf: ["right of", "to the right of"]
    }
  }

  fileprivate init?(reading words: inout ArraySlice<Substring>) {
    for relation in Self.allCases {
      for phrase in relation.phrases where words.skip(phrase) {
        self = relation
        return
      }
    }
    return nil
  }
}

extension ArraySlice<Substring> {
  /// Drops the words of `phrase` if they come next, and says whether they did.
  fileprivate mutating func skip(_ phrase: String) -> Bool {
    let expected = phrase.split(separator: " ")
    guard starts(with: expected) else { return false }
    removeFirst(expected.count)
    return true
  }
}
