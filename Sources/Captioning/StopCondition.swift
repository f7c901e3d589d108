import Models
import Support
import Text

/// When a caption is complete.
public struct StopCondition: Equatable, Sendable {
  /// Each of them is a caption's last token.
  public let tokens: Set<Int32>
  /// The most tokens of a caption.
  public let maxTokens: Int

  public init(tokens: Set<Int32>, maxTokens: Int) {
    precondition(maxTokens > 0, "a caption may have a token")
    self.tokens = tokens
    self.maxTokens = maxTokens
  }

  /// - Parameters:
  ///   - endToken: whether the model has learned to end captions with the end of text; where it has not, a full stop
  ///     ends them, as in ClipCap.
  ///   - stopsAtPeriod: whether a full stop ends a caption in any case.
  ///   - maxTokens: nil takes ClipCap's 67, or what the model's positions hold if that is less.
  /// - Throws: `Failure.usage` when more tokens are asked for than the positions hold.
  public init(
    for model: ClipCap, _ tokenizer: Tokenizer, endToken: Bool, stopsAtPeriod: Bool = false,
    maxTokens: Int? = nil
  ) throws {
    let positions = model.languageModel.configuration.positions
    // The last token is not looked at, so it needs no position.
    let most = positions - model.prefixLength + 1
    if let maxTokens, maxTokens < 1 || maxTokens > most {
      throw Failure.usage(
        "A caption of \(maxTokens) tokens was asked for, but between 1 and \(most) fit into the model's \(positions) "
          + "positions behind the prefix of \(model.prefixLength); choose another number.")
    }
    let period = stopsAtPeriod || !endToken
    self.init(
      tokens: Set((endToken ? [tokenizer.endOfText] : []) + (period ? tokenizer.fullStops : [])),
      maxTokens: maxTokens ?? min(most, 67))
  }

  func isReached(by caption: [Int32]) -> Bool {
    caption.count >= maxTokens || caption.last.map(tokens.contains) == true
  }
}

extension Tokenizer {
  /// The tokens "." and " .": the full stop of a running text, and of a caption whose words and signs are all parted
  /// by spaces.
  fileprivate var fullStops: [Int32] {
    [".", " ."].map { encode($0) }.filter { $0.count == 1 }.flatMap { $0 }
  }
}
