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
  public func candidates<ID>(_ captions: [ID: String]) -> [ID: String] {
    switch self {
    case .ptb: captions.mapValues(PTBTokenizer().tokenize)
    case .untokenized: captions.mapValues { $0.lowercased().prefix { $0 != "." } + " ." }
    }
  }

  /// What they are held against, ready for `CaptionScores`.
  public func references<ID>(_ captions: [ID: [String]]) -> [ID: [String]] {
    switch self {
    case .ptb:
      let tokenizer = PTBTokenizer()
      return captions.mapValues { $0.map(tokenizer.tokenize) }
    case .untokenized: return captions.mapValues { $0.map { $0.lowercased() } }
    }
  }
}
