import Synchronization

/// Cuts captions into the tokens that COCO's metrics count: those of the program that pycocoevalcap 1.2 runs, in the
/// way of the Penn Treebank.
///
/// It was written from observed behaviour, what that program makes of some strings, and from the published
/// conventions of the Penn Treebank, without any other implementation's source.
///
/// At each place the longest match of all rules makes the token, what must follow it counted in. Of rules that match
/// equally far the first wins.
public struct PTBTokenizer: Sendable {
  public init() {}

  /// The tokens of each caption that scores see: in lower case, without punctuation, joined by single spaces.
  ///
  /// The captions are read as one text, in their order, for some rules look at what follows: an initial keeps its
  /// period or loses it by the first word of the next caption. A line break within a caption is a blank.
  public func tokenize(_ captions: [String]) -> [String] {
    tokens(of: captions).map { tokens in
      tokens.filter { !Self.dropped.contains($0) }.joined(separator: " ")
    }
  }

  /// The tokens of each caption, punctuation included.
  func tokens(of captions: [String]) -> [[String]] {
    guard !captions.isEmpty else { return [] }
    return Self.scanner.withLock { $0.tokens(of: CaptionList(captions)) }
  }

  /// What is learned of a text helps with the next one; so there is one scanner for all.
  private static let scanner = Mutex(TokenScanner())

  /// Brackets are not among them, for they would be in capitals here, and tokens are in lower case by now: they stay
  /// in captions as “-lrb-” and “-rrb-”, and count as words.
  private static let dropped: Set<String> = [
    "''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";",
  ]
}
