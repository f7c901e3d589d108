import Text

/// How captions are made ready for scoring.
public enum CaptionText: String, CaseIterable, Sendable {
  /// Tokenized in the way of the Penn Treebank, in lower case, without punctuation: what published scores rest on.
  case ptb
  /// As Anshler's evaluation of blind guessing (2024) has it: lower case, not tokenized, and a caption is what
  /// stands before its first full stop, with “ .” behind it. The full stop counts as a word, so that these scores
  /// are higher and no others compare to them.
  case untokenized

  /// - Parameters:
  ///   - candidates: a caption for each image.
  ///   - references: for each image.
  /// - Returns: both, ready for `CaptionScores`.
  public func prepare(candidates: [String: String], references: [String: [String]]) -> (
    candidates: [String: String], references: [String: [String]]
  ) {
    switch self {
    case .ptb:
      let tokenizer = PTBTokenizer()
      return (
        candidates.mapValues(tokenizer.tokenize), references.mapValues { $0.map(tokenizer.tokenize) }
      )
    case .untokenized:
      return (
        candidates.mapValues { $0.lowercased().prefix { $0 != "." } + " ." },
        references.mapValues { $0.map { $0.lowercased() } }
      )
    }
  }
}
