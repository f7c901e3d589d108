import Foundation
import Support

/// The tokens by id and the merges by rank: what a tokenizer is made of.
struct Vocabulary {
  /// What ends a caption where the files name no other token.
  static let endOfText = "<|endoftext|>"

  /// In the symbols of `ByteToUnicode`, except special tokens.
  var tokens: [String]
  var merges: [Merge]
  /// Those that are looked for in a text, beside the end of text, in the order of their ids.
  var addedTokens: [AddedToken] = []
  /// The token that ends a caption.
  var endToken = Self.endOfText
  var rules = BPERules()

  /// The digest of the tokens in the order of their ids (each as its length in bytes and its UTF-8), then of
  /// the merges in the order of their ranks (each as its two ids), and where there are any the added tokens (each as
  /// its id, and 1 for a special one and 2 for a normalized one together); then, where they are not GPT-2's, the end token
  /// and the rules. Every list goes behind its length; numbers are 32 bits, little-endian.
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
    if endToken != Self.endOfText || rules != BPERules() {
      bytes.append(contentsOf: "\(endToken) \(rules)".utf8)
    }
    return Fingerprint(of: bytes)
  }
}

/// What is done to a text beside the merges; by default what GPT-2 does.
struct BPERules: Equatable, Sendable, CustomStringConvertible {
  var preTokenization = PreTokenization.gpt2
  /// Whether texts are brought to Unicode's form NFC first.
  var normalizesToNFC = false
  /// Whether a word that is a token is that token, whatever the merges would make of it.
  var ignoresMerges = false

  var description: String {
    preTokenization.rawValue + (normalizesToNFC ? " nfc" : "") + (ignoresMerges ? " ignore_merges" : "")
  }
}
