import Configuration
import Datasets
import Tensors
import Text

/// How a caption's text becomes what the model should say.
public struct CaptionRules: Sendable {
  public let endToken: Bool
  public let addPeriod: Bool
  public let limit: CaptionLimit
  /// The most tokens that the language model's positions leave behind the prefix.
  public let positionLimit: Int

  public init(endToken: Bool, addPeriod: Bool, limit: CaptionLimit, positionLimit: Int) {
    self.endToken = endToken
    self.addPeriod = addPeriod
    self.limit = limit
    self.positionLimit = positionLimit
  }

  /// What sets the limit of a caption.
  /// - Parameter count: the tokens of that limit.
  func limitInWords(_ count: Int) -> String {
    switch limit {
    case .tokens(count): "data.caption_tokens = \(count)"
    case .clipcap where count < positionLimit: "the \(count) tokens of data.caption_tokens = clipcap"
    default: "the \(count) tokens that the language model's positions leave behind the prefix"
    }
  }

  /// The tokens of a text, however many there are.
  public func tokens(of text: String, _ tokenizer: any Tokenizer) -> [Int32] {
    let end = addPeriod && !text.hasSuffix(".") ? "." : ""
    return tokenizer.encode(text + end, specialTokens: .plain) + (endToken ? [tokenizer.endOfText] : [])
  }

  /// No fewer than the tokens of a text: each has a byte or more of it, is a full stop, or is the end.
  func mostTokens(of text: String) -> Int { text.utf8.count + (addPeriod ? 1 : 0) + (endToken ? 1 : 0) }

  /// How many tokens each of the texts has, found on all threads.
  public func lengths(of texts: [String], _ tokenizer: any Tokenizer, on backend: Backend) -> [Int] {
    let block = 256
    var lengths = [Int](repeating: 0, count: texts.count)
    lengths.withUnsafeMutableBufferPointer { lengths in
      nonisolated(unsafe) let lengths = lengths
      backend.pool.parallel((texts.count + block - 1) / block) { index in
        for text in index * block..<min(texts.count, (index + 1) * block) {
          lengths[text] = tokens(of: texts[text], tokenizer).count
        }
      }
    }
    return lengths
  }
}
