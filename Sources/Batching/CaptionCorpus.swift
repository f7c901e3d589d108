import Collectives
import Configuration
import Datasets
import Support
import Tensors
import Text

/// The captions of one split of some stores, each with the embedding that it describes. They stay in the files, and
/// become tokens when they are asked for: encoding a batch takes microseconds, and memory no more than a bit for each
/// caption.
public struct CaptionCorpus: Sendable {
  public let stores: [EmbeddingStore]
  /// Of the captions of all stores one after the other, the ones that count.
  private let chosen: RankSelectIndex
  /// Captions of all stores before each store.
  private let starts: [Int]
  private let tokenizer: any Tokenizer
  private let rules: CaptionRules
  /// The most tokens of a caption.
  private let limit: Int
  /// Captions of which the end is cut off.
  public let truncated: Int
  /// Captions left out because nothing is in them.
  public let empty: Int
  /// Of the training captions, in order: a resumed run must find the same.
  public let fingerprint: Fingerprint

  public var count: Int { chosen.count }
  /// Floats of one embedding.
  public var embeddingWidth: Int { stores[0].valuesPerRow }

  /// To be called by all ranks together: the first one reads all captions once, and tells the others.
  ///
  /// - Parameters:
  ///   - stores: of the section's files, the same on all ranks.
  ///   - key: the configuration's name for this split, for messages.
  ///   - rules: how text becomes tokens.
  /// - Throws: `Failure`, the same on all ranks, when the stores cannot be read or hold no caption of the split.
  public init(
    _ section: SplitSection, of stores: [EmbeddingStore], key: String, tokenizer: any Tokenizer,
    rules: CaptionRules, communicator: Communicator = .alone, on backend: Backend
  ) throws {
    (self.stores, self.tokenizer, self.rules) = (stores, tokenizer, rules)
    starts = stores.dropLast().map(\.captionTexts.count).prefixSums()
    let survey = try communicator.agree { () -> CorpusScan? in
      guard communicator.isRoot else { return nil }
      let survey = try CorpusScan(
        of: stores, split: section.split, tokenizer: tokenizer, rules: rules, on: backend)
      try survey.requireCaptions(section, of: stores, key: key)
      try survey.requireSubstance(rules, key: key)
      return survey
    }
    chosen = RankSelectIndex(BitVector(words: communicator.allGather(survey?.chosen.words ?? [])[0]))
    let numbers = communicator.allGather(survey.map { [$0.limit, $0.truncated, $0.empty] } ?? [])[0]
    (limit, truncated, empty) = (numbers[0], numbers[1], numbers[2])
    let digits = communicator.allGather(Array((survey?.fingerprint.description ?? "").utf8))[0]
    fingerprint = Fingerprint(hexadecimal: String(decoding: digits, as: UTF8.self))
  }

  /// How many captions of which limit were cut, as a sentence; nil where none was.
  /// - Parameter name: of the captions.
  public func cut(_ name: String) -> String? {
    guard truncated > 0 else { return nil }
    let share = String(format: "%.2g", 100 * Double(truncated) / Double(count))
    return
      "\(truncated) of \(count) \(name) captions (\(share) %) are longer than \(rules.limitInWords(limit)), and were "
      + "cut."
  }

  /// - Throws: `Failure.badData` where the caption cannot be read any more.
  public func tokens(of caption: Int) throws -> [Int32] {
    let (store, number) = place(of: caption)
    return Array(rules.tokens(of: try stores[store].captionTexts.string(at: number), tokenizer).prefix(limit))
  }

  /// Copies a caption's embedding, in the store's own scale.
  /// - Throws: `Failure.badData` that names the image where that has NaN or infinity, or where the file has become too
  ///   short.
  public func copyEmbedding(of caption: Int, to destination: UnsafeMutablePointer<Float>) throws {
    let (store, number) = place(of: caption)
    try stores[store].copyRow(stores[store].row(ofCaption: number), to: destination, finite: true)
  }

  /// Asks the system to have the embeddings of ranges of captions in its cache soon, as far as captions stand in the
  /// order of their rows.
  public func prefetch(_ captions: [Range<Int>]) {
    for range in captions {
      let (first, last) = (place(of: range.lowerBound), place(of: range.upperBound - 1))
      for store in first.store...last.store {
        let from = store == first.store ? try? stores[store].row(ofCaption: first.number) : 0
        let to =
          store == last.store ? try? stores[store].row(ofCaption: last.number) : stores[store].rowCount - 1
        guard let from, let to, from <= to else { continue }
        stores[store].prefetch(from..<to + 1)
      }
    }
  }

  /// The image that a caption describes, and the path of the store that has it.
  public func image(of caption: Int) throws -> (id: String, store: String) {
    let (store, number) = place(of: caption)
    let row = try stores[store].row(ofCaption: number)
    return (try stores[store].imageIDs.string(at: row), stores[store].path)
  }

  /// Tokens of captions: of all, or of as many as are wanted at even distances.
  public func lengths(ofAtMost count: Int = .max) throws -> [Int] {
    let sample = min(count, self.count)
    return try (0..<sample).map { try tokens(of: $0 * self.count / sample).count }
  }

  /// Where a caption stands: its store, and its number in that.
  private func place(of caption: Int) -> (store: Int, number: Int) {
    let place = chosen.place(of: caption)
    let store = starts.lastIndex(atMost: place)
    return (store, place - starts[store])
  }
}

extension CorpusScan {
  /// - Throws: `Failure.usage` where nine captions of ten would be cut to fewer than four tokens.
  fileprivate func requireSubstance(_ rules: CaptionRules, key: String) throws {
    let count = chosen.words.reduce(0) { $0 + $1.nonzeroBitCount }
    guard limit < 4, truncated * 10 >= count * 9 else { return }
    throw Failure.usage(
      "\(truncated) of \(count) captions of \(key) are longer than \(rules.limitInWords(limit)), and would be cut to "
        + "almost nothing; raise that limit.")
  }

  fileprivate func requireCaptions(_ section: SplitSection, of stores: [EmbeddingStore], key: String) throws {
    guard !chosen.words.contains(where: { $0 != 0 }) else { return }
    guard empty == 0 else {
      throw Failure.badData(
        "All captions of the split “\(section.split)” are empty; import the store again with its captions.")
    }
    let splits = try Set(stores.flatMap { try $0.splits.all() }).sorted().joined(separator: ", ")
    throw Failure.badData(
      "\(key).split is “\(section.split)”, but \(section.files.joined(separator: ", ")) has no caption of that "
        + "split (its splits are: \(splits)); choose another.")
  }
}
