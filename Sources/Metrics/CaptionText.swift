import Text

/// How captions are made ready for scoring.
public enum CaptionText: String, CaseIterable, Sendable {
  /// Tokenized in the way of the Penn Treebank, in lower case, without punctuation: what published scores
  /// rest on.
  case ptb
  /// As Anshler's evaluation of blind guessing (2024) has it: lower case, not tokenized, and a caption is
  /// what stands before its first full stop, with “ .” behind it. The full stop counts as a word, so that
  /// these scores are higher and no others compare to them.
  case untokenized

  /// Captions that are scored, ready for `CaptionScores`.
  ///
  /// All are tokenized as one text, in the order of their ids, as pycocoevalcap does.
  public func candidates<ID: Comparable>(_ captions: [ID: String]) -> [ID: String] {
    switch self {
    case .ptb: references(captions.mapValues { [$0] }).compactMapValues(\.first)
    case .untokenized: captions.mapValues { $0.lowercased().prefix { $0 != "." } + " ." }
    }
  }

  /// What they are compared with, ready for `CaptionScores`.
  ///
  /// All are tokenized as one text, in the order of their ids, as pycocoevalcap does.
  public func references<ID: Comparable>(_ captions: [ID: [String]]) -> [ID: [String]] {
    switch self {
    case .ptb:
      let ordered = captions.sorted { $0.key < $1.key }
      var rest = PTBTokenizer().tokenize(ordered.flatMap(\.value))[...]
      var tokenized: [ID: [String]] = [:]
      for (id, captions) in ordered {
        tokenized[id] = Array(rest.prefix(captions.count))
        rest = rest.dropFirst(captions.count)
      }
      return tokenized
    case .untokenized: return captions.mapValues { $0.map { $0.lowercased() } }
    }
  }
}
