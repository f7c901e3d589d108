import Foundation
import Support

/// The tokens by id and the merges by rank: what a tokenizer is made of.
struct Vocabulary {
  /// The token that ends a caption.
  static let endOfText = "<|endoftext|>"

  /// In the symbols of `ByteToUnicode`, except special tokens.
  var tokens: [String]
  var merges: [Merge]
  /// Those that are looked for in a text, beside the end of text, in the order of their ids.
  var addedTokens: [AddedToken] = []

  /// The digest of the tokens in the order of their ids (each as its length in bytes and its UTF-8), then of
  /// the merges in the order of their ranks (each as its two ids), and where there are any the added tokens (each as
  /// its id, and 1 for a special one and 2 for a normalized one together). Every list goes behind its length; numbers
  /// are 32 bits, little-endian.
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
    return Fingerprint(of: bytes)
  }
}
