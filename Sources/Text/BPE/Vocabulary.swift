import Foundation
import Support

/// The tokens by id and the merges by rank: what a tokenizer is made of.
struct Vocabulary {
  /// The token that ends a text where no file names another.
  static let endOfText = "<|endoftext|>"

  /// In the symbols of `ByteToUnicode`, except special tokens.
  var tokens: [String]
  var merges: [Merge]
  /// Those that are looked for in a text, beside the end of text, in the order of their ids.
  var addedTokens: [AddedToken] = []
  var rules = BPERules()
  var template = TextTemplate()
  /// An id.
  var endOfText: Int32 = 0
  /// An id, where a text begins with another token than it ends with.
  var beginOfText: Int32?

  /// Whether all but the added tokens is as in GPT-2.
  var isGPT2: Bool {
    rules == BPERules() && beginOfText == nil && tokens[Int(endOfText)] == Self.endOfText
  }

  /// The digest of the tokens in the order of their ids (each as its length in bytes and its UTF-8), then of
  /// the merges in the order of their ranks (each as its two ids), and where there are any the added tokens (each as
  /// its id, and 1 for a special one and 2 for a normalized one together). Every list goes behind its length. Where
  /// something is otherwise than in GPT-2 there follow -1, the pre-tokenizer, 1 for composing and 2 for ignoring merges
  /// together, and the ids of the tokens that begin and end a text. Numbers are 32 bits, little-endian.
  var fingerprint: Fingerprint {
    var bytes = Data()
    func append(_ number: Int32) { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
    append(Int32(tokens.count))
    for token in tokens {
      append(Int32(token.utf8.count))
      bytes.append(contentsOf: token.utf8)
    }
    append(Int32(merges.count))
    for merge in merges {
      append(merge.pair.left)
      append(merge.pair.right)
    }
    if !addedTokens.isEmpty {
      append(Int32(addedTokens.count))
      for token in addedTokens {
        append(token.id)
        append((token.isSpecial ? 1 : 0) + (token.isNormalized ? 2 : 0))
      }
    }
    if !isGPT2 {
      append(-1)
      append(rules.preTokenizer.rawValue)
      append((rules.composes ? 1 : 0) + (rules.ignoresMerges ? 2 : 0))
      append(beginOfText ?? endOfText)
      append(endOfText)
    }
    return Fingerprint(of: bytes)
  }
}
