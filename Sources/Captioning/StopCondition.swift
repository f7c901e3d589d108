import Models
import Support
import Text

/// When a caption is complete, and what it does without.
public struct StopCondition: Equatable, Sendable {
  /// Each of them is a caption's last token.
  public let tokens: Set<Int32>
  /// The most tokens of a caption.
  public let maxTokens: Int
  /// The token of words that the vocabulary lacks, which a search may pass over; nil when there is none.
  public let unknown: Int32?

  public init(tokens: Set<Int32>, maxTokens: Int, unknown: Int32? = nil) {
    precondition(maxTokens > 0, "a caption may have a token")
    self.tokens = tokens
    self.maxTokens = maxTokens
    self.unknown = unknown
  }

  /// - Parameters:
  ///   - endToken: whether the model has learned to end captions with the end of text; where it has not, a full stop
  ///     ends them, as in ClipCap.
  ///   - stopsAtPeriod: whether a full stop ends a caption in any case.
  ///   - maxTokens: nil takes ClipCap's 67, or what the model allows if that is less.
  /// - Throws: `Failure.usage` when more tokens are asked for than the model allows.
  public init(
    for model: any CaptionModel, _ tokenizer: any Tokenizer, endToken: Bool, stopsAtPeriod: Bool = false,
    maxTokens: Int? = nil
  ) throws {
    let most = model.maxCaptionTokens
    if let maxTokens, maxTokens < 1 || maxTokens > most {
      throw Failure.usage(
        "A caption of \(maxTokens) tokens was asked for, but the model's captions have between 1 and \(most); choose "
          + "another number.")
    }
    let period = stopsAtPeriod || !endToken
    self.init(
      tokens: Set((endToken ? [tokenizer.endOfText] : []) + (period ? tokenizer.fullStops : [])),
      maxTokens: maxTokens ?? min(most, 67), unknown: tokenizer.unknown)
  }

  func isReached(by caption: [Int32]) -> Bool {
    caption.count >= maxTokens || caption.last.map(tokens.contains) == true
  }
}

extension Tokenizer {
  /// The tokens "." and " .": the full stop of a running text, and of a caption whose words and signs are all parted
  /// by spaces. A word vocabulary may have none.
  fileprivate var fullStops: [Int32] {
    [".", " ."].map { encode($0) }.filter { $0.count == 1 && $0[0] != unknown }.flatMap { $0 }
  }
}
