import Datasets
import Essentials
import Foundation
import Tensors
import Text

/// The captions of one split of some stores, as tokens, each with the embedding that it describes.
public struct CaptionCorpus: Sendable {
  public let stores: [EmbeddingStore]
  /// The store and the row of each caption's embedding.
  private let places: [(store: Int32, row: Int32)]
  /// All captions' tokens one after the other.
  private let tokens: [Int32]
  private let starts: [Int]
  /// Captions of which the end was cut off.
  public let truncated: Int
  /// Captions left out because nothing is in them.
  public let empty: Int

  public var count: Int { places.count }
  public var tokenCount: Int { tokens.count }
  /// Tokens of each caption.
  public var lengths: [Int] { zip(starts.dropFirst(), starts).map { $0 - $1 } }
  /// Floats of one embedding.
  public var embeddingWidth: Int { stores[0].valuesPerRow }

  /// - Parameters:
  ///   - key: the configuration's name for this split, for messages.
  ///   - rules: how text becomes tokens.
  /// - Throws: `Failure` when the stores cannot be read or hold no caption of the split.
  public init(
    _ section: SplitSection, key: String, tokenizer: Tokenizer, rules: CaptionRules, on backend: Backend
  ) throws {
    let stores = try EmbeddingStore.open(section.files)
    self.stores = stores
    var places: [(store: Int32, row: Int32)] = []
    var texts: [String] = []
    for (index, store) in stores.enumerated() {
      for (text, row) in zip(store.captionTexts, store.captionRows) where store.splits[row] == section.split {
        places.append((Int32(index), Int32(row)))
        texts.append(text)
      }
    }
    guard !places.isEmpty else {
      let splits = Set(stores.flatMap(\.splits)).sorted().joined(separator: ", ")
      throw Failure.badData(
        "\(key).split is “\(section.split)”, but \(section.files.joined(separator: ", ")) has no caption of that "
          + "split (its splits are: \(splits)); choose another.")
    }
    let encoded = encodeAll(texts, tokenizer, rules, on: backend)
    var limit = rules.positionLimit
    switch rules.limit {
    case .unlimited: break
    case .tokens(let count): limit = min(limit, count)
    case .clipcap: limit = min(limit, clipcapLimit(encoded.map(\.count)))
    }
    var tokens: [Int32] = []
    var starts = [0]
    var kept: [(store: Int32, row: Int32)] = []
    var truncated = 0
    for (caption, place) in zip(encoded, places) where !caption.isEmpty {
      if caption.count > limit { truncated += 1 }
      tokens += caption.prefix(limit)
      starts.append(tokens.count)
      kept.append(place)
    }
    self.tokens = tokens
    self.starts = starts
    self.places = kept
    self.truncated = truncated
    empty = places.count - kept.count
    guard !kept.isEmpty else {
      throw Failure.badData(
        "All captions of the split “\(section.split)” are empty; import the store again with its captions.")
    }
  }

  public func tokens(of caption: Int) -> ArraySlice<Int32> { tokens[starts[caption]..<starts[caption + 1]] }

  /// The image that a caption describes, and the path of the store that has it.
  public func image(of caption: Int) -> (id: String, store: String) {
    let place = places[caption]
    let store = stores[Int(place.store)]
    return (store.imageIDs[Int(place.row)], store.path)
  }

  /// Copies a caption's embedding, in the store's own scale.
  public func copyEmbedding(of caption: Int, to destination: UnsafeMutablePointer<Float>) {
    let place = places[caption]
    stores[Int(place.store)].copyRow(Int(place.row), to: destination)
  }

  /// Of what is learnt from, in order: a resumed run must find the same.
  public var fingerprint: Fingerprint {
    var bytes = Data()
    tokens.withUnsafeBytes { bytes.append(contentsOf: $0) }
    starts.withUnsafeBytes { bytes.append(contentsOf: $0) }
    for place in places { withUnsafeBytes(of: place) { bytes.append(contentsOf: $0) } }
    return Fingerprint(of: bytes)
  }
}

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
}

private func encodeAll(
  _ texts: [String], _ tokenizer: Tokenizer, _ rules: CaptionRules, on backend: Backend
) -> [[Int32]] {
  let block = 1024
  let blocks = (texts.count + block - 1) / block
  var encoded = [[[Int32]]](repeating: [], count: blocks)
  encoded.withUnsafeMutableBufferPointer { encoded in
    nonisolated(unsafe) let encoded = encoded
    backend.pool.parallel(blocks) { index in
      encoded[index] = texts[index * block..<min(texts.count, (index + 1) * block)].map { text in
        if text.isEmpty { return [] }
        let end = rules.addPeriod && !text.hasSuffix(".") ? "." : ""
        return tokenizer.encode(text + end, specialTokens: .plain)
          + (rules.endToken ? [tokenizer.endOfText] : [])
      }
    }
  }
  return encoded.flatMap { $0 }
}

/// ClipCap's `int(all_len.mean() + all_len.std() * 10)`, with the unbiased deviation.
private func clipcapLimit(_ lengths: [Int]) -> Int {
  let mean = Double(lengths.reduce(0, +)) / Double(lengths.count)
  let squares = lengths.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
  let deviation = (squares / Double(max(1, lengths.count - 1))).squareRoot()
  return max(1, Int(mean + 10 * deviation))
}
