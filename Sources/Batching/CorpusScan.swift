import Datasets
import Foundation
import Support
import Tensors
import Text

/// What one rank finds out, for all, about the captions of a split in one pass over the stores.
struct CorpusScan {
  /// The captions that count, of those of all stores one after the other.
  let chosen: BitVector
  /// Captions left out because nothing is in them.
  let empty: Int
  /// The most tokens of a caption.
  let limit: Int
  /// Captions that have more.
  let truncated: Int
  /// Of the texts, the images that they describe, and the rules.
  let fingerprint: Fingerprint

  /// - Throws: `Failure` when a store cannot be read.
  init(
    of stores: [EmbeddingStore], split: String, tokenizer: any Tokenizer, rules: CaptionRules,
    on backend: Backend
  ) throws {
    var (chosen, empty) = (BitVector(count: stores.reduce(0) { $0 + $1.captionTexts.count }), 0)
    var limit = rules.positionLimit
    if case .tokens(let count) = rules.limit { limit = min(limit, count) }
    var lengths = LengthCounts()
    var hash = FingerprintHash()
    var start = 0
    for (index, store) in stores.enumerated() {
      let rows = try store.rows(ofSplit: split)
      try store.captionTexts.forEachPiece { first, texts in
        try RunSignals.requireNoStop()
        var (bytes, unmeasured) = ([UInt8](), [String]())
        let rowsOfCaptions = try store.captionRows.integers(first..<first + texts.count)
        for (place, (text, row)) in zip(texts, rowsOfCaptions).enumerated() where rows.contains(row) {
          guard !text.isEmpty else {
            empty += 1
            continue
          }
          chosen.insert(start + first + place)
          bytes += text.utf8
          bytes.append(0)
          for number in [index, row] {
            withUnsafeBytes(of: Int64(number).littleEndian) { bytes += $0 }
          }
          // Most texts are too short to be cut, whatever their tokens are.
          if rules.limit == .clipcap || rules.mostTokens(of: text) > limit { unmeasured.append(text) }
        }
        hash.update(bytes)
        lengths.add(rules.lengths(of: unmeasured, tokenizer, on: backend))
      }
      start += store.captionTexts.count
    }
    if rules.limit == .clipcap { limit = min(limit, lengths.clipcapLimit) }
    (self.chosen, self.empty, self.limit) = (chosen, empty, limit)
    truncated = lengths.count(above: limit)
    // A limit that cuts nothing is as good as another.
    let cut = truncated > 0 ? "\(limit)" : "none"
    hash.update("end token \(rules.endToken), period \(rules.addPeriod), cut \(cut)".utf8.map(\.self))
    fingerprint = hash.finalize()
  }
}

/// How many captions have how many tokens.
private struct LengthCounts {
  private var counts: [Int: Int] = [:]

  mutating func add(_ lengths: [Int]) {
    for length in lengths { counts[length, default: 0] += 1 }
  }

  func count(above limit: Int) -> Int { counts.reduce(0) { $0 + ($1.key > limit ? $1.value : 0) } }

  /// ClipCap's `int(all_len.mean() + all_len.std() * 10)`, with the unbiased deviation.
  var clipcapLimit: Int {
    let count = counts.values.reduce(0, +)
    guard count > 0 else { return 1 }
    let mean = Double(counts.reduce(0) { $0 + $1.key * $1.value }) / Double(count)
    let squares = counts.sorted { $0.key < $1.key }.reduce(0.0) {
      $0 + Double($1.value) * (Double($1.key) - mean) * (Double($1.key) - mean)
    }
    let deviation = (squares / Double(max(1, count - 1))).squareRoot()
    return max(1, Int(mean + 10 * deviation))
  }
}
