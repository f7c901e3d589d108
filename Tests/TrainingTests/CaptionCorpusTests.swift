import Datasets
import Foundation
import Models
import Support
import Tensors
import Testing
import Text

@testable import Batching
@testable import Configuration
@testable import Training

@Suite struct CaptionCorpusTests {
  private let run: TinyRun
  private let tokenizer: any Tokenizer

  init() throws {
    run = try TinyRun()
    tokenizer = try TokenizerDirectory.open(run.folder + "/tokenizer")
  }

  private func corpus(
    _ captions: [String]? = nil, endToken: Bool = false, addPeriod: Bool = false,
    limit: CaptionLimit = .unlimited, positions: Int = 1000
  ) throws -> CaptionCorpus {
    var contents = TinyRun.contents()
    if let captions {
      contents.captionTexts = captions
      contents.captionRows = captions.indices.map { $0 % 6 }
    }
    try contents.write(to: run.folder + "/captions.h5")
    var section = SplitSection()
    section.files = [run.folder + "/captions.h5"]
    let rules = CaptionRules(
      endToken: endToken, addPeriod: addPeriod, limit: limit, positionLimit: positions)
    return try CaptionCorpus(
      section, of: EmbeddingStore.open(section.files), key: "data.train", tokenizer: tokenizer, rules: rules,
      on: run.backend)
  }

  private func tokens(_ corpus: CaptionCorpus) throws -> [[Int32]] {
    try (0..<corpus.count).map(corpus.tokens(of:))
  }

  @Test func onlyTheSplitsCaptionsAreTaken() throws {
    let corpus = try corpus()
    #expect(corpus.count == 12 && corpus.embeddingWidth == 8)
    #expect(corpus.truncated == 0 && corpus.empty == 0)
    #expect(try tokenizer.decode(corpus.tokens(of: 11)) == "two orange squares!")
    #expect(try corpus.lengths() == tokens(corpus).map(\.count))
    #expect(try corpus.lengths(ofAtMost: 3) == [0, 4, 8].map { try corpus.tokens(of: $0).count })
    #expect(try corpus.image(of: 3).id == "green")
    var row = [Float](repeating: 0, count: 8)
    try corpus.copyEmbedding(of: 3, to: &row)
    guard case .float32(let values) = TinyRun.contents().embeddings else { return }
    #expect(row == Array(values[8..<16]))
  }

  @Test func endTokenAndPeriod() throws {
    let captions = ["a red circle", "a red circle.", "<|endoftext|>"]
    #expect(try tokens(corpus(captions)) == captions.map { tokenizer.encode($0, specialTokens: .plain) })
    // A caption cannot smuggle in the end of text.
    #expect(try !tokens(corpus(captions)).joined().contains(tokenizer.endOfText))
    let ended = try tokens(corpus(captions, endToken: true))
    #expect(ended.allSatisfy { $0.last == tokenizer.endOfText })
    let dotted = try tokens(corpus(captions, endToken: true, addPeriod: true))
    #expect(dotted[0] == dotted[1])
    #expect(dotted[0] == tokenizer.encode("a red circle.") + [tokenizer.endOfText])
  }

  @Test func longCaptionsAreCutAndCounted() throws {
    let captions = ["abc", "abcdefgh", "abcdef"].map { String($0.map { "\($0)1" }.joined()) }
    let whole = try tokens(corpus(captions))
    let limit = whole[2].count
    let cut = try corpus(captions, limit: .tokens(limit))
    #expect(try tokens(cut) == whole.map { Array($0.prefix(limit)) })
    #expect(cut.truncated == 1)
    let positions = try corpus(captions, limit: .tokens(limit), positions: 4)
    #expect(try tokens(positions).allSatisfy { $0.count == 4 } && positions.truncated == 3)
  }

  /// int(mean + 10 · std) by hand. A hundred captions of one token and one of forty: the mean is 140 / 101 = 1.38614,
  /// the unbiased deviation √((100 · 0.14910 + 1490.9) / 100) = 3.88060, the limit int(40.19) = 40. Two hundred and
  /// one: 240 / 201 = 1.19403, √((200 · 0.03765 + 1505.9) / 200) = 2.75086, int(28.70) = 28.
  @Test func clipCapsLimit() throws {
    let short = [String](repeating: "q", count: 100)
    let long = String(repeating: "q", count: 40)
    #expect(try corpus(short + [long], limit: .clipcap).truncated == 0)
    let rare = try corpus(short + short + [long], limit: .clipcap)
    #expect(rare.truncated == 1)
    #expect(try rare.tokens(of: 200).count == 28)
  }

  @Test func emptyCaptionsAreLeftOut() throws {
    for endToken in [false, true] {
      let corpus = try corpus(["", "a red circle", ""], endToken: endToken)
      #expect(corpus.count == 1 && corpus.empty == 2)
      // Each caption keeps its own image.
      var row = [Float](repeating: 0, count: 8)
      try corpus.copyEmbedding(of: 0, to: &row)
      guard case .float32(let values) = TinyRun.contents().embeddings else { return }
      #expect(row == Array(values[8..<16]))
    }
    expectFailure(.badData, "are empty") { _ = try corpus(["", ""]) }
  }

  @Test func emptySplit() throws {
    var section = SplitSection(split: "test")
    section.files = [run.folder + "/store.h5"]
    let rules = CaptionRules(endToken: true, addPeriod: false, limit: .unlimited, positionLimit: 10)
    expectFailure(.badData, "data.train.split is “test”", "train, val") {
      _ = try CaptionCorpus(
        section, of: EmbeddingStore.open(section.files), key: "data.train", tokenizer: tokenizer,
        rules: rules, on: run.backend)
    }
  }

  @Test func storesMustAgreeInWidth() throws {
    var other = TinyRun.contents()
    other.width = 4
    other.embeddings = .float32([Float](repeating: 1, count: 32))
    try other.write(to: run.folder + "/narrow.h5")
    var section = SplitSection()
    section.files = [run.folder + "/store.h5", run.folder + "/narrow.h5"]
    let rules = CaptionRules(endToken: true, addPeriod: false, limit: .unlimited, positionLimit: 10)
    expectFailure(.badData, "narrow.h5", "4", "8") {
      _ = try CaptionCorpus(
        section, of: EmbeddingStore.open(section.files), key: "data.train", tokenizer: tokenizer,
        rules: rules, on: run.backend)
    }
  }

  @Test func fingerprintFollowsTextAndOrder() throws {
    let first = try corpus(["a red circle", "two"]).fingerprint
    #expect(try corpus(["a red circle", "two"]).fingerprint == first)
    #expect(try corpus(["two", "a red circle"]).fingerprint != first)
    #expect(try corpus(["a red circle", "two"], endToken: true).fingerprint != first)
  }

  // MARK: Several stores, and files that fail

  private func corpus(of files: [String]) throws -> CaptionCorpus {
    var section = SplitSection()
    section.files = files
    let rules = CaptionRules(endToken: false, addPeriod: false, limit: .unlimited, positionLimit: 1000)
    return try CaptionCorpus(
      section, of: EmbeddingStore.open(files), key: "data.train", tokenizer: tokenizer, rules: rules,
      on: run.backend)
  }

  @Test func severalStoresFollowEachOther() throws {
    var files: [String] = []
    for name in ["a", "b", "c"] {
      var contents = TinyRun.contents()
      contents.imageIDs = contents.imageIDs.map { name + $0 }
      // Every other image, and captions in another order than their images.
      contents.splits = (0..<8).map { $0 % 2 == 0 ? "train" : "val" }
      contents.captionRows = contents.captionRows.reversed()
      contents.captionTexts = contents.captionRows.map { "\(name) \($0)" }
      files.append(run.folder + "/\(name).h5")
      try contents.write(to: files[files.count - 1])
    }
    let corpus = try corpus(of: files)
    let expected = ["a", "b", "c"].flatMap { name in [6, 6, 4, 4, 2, 2, 0, 0].map { (name, $0) } }
    #expect(corpus.count == expected.count)
    guard case .float32(let values) = TinyRun.contents().embeddings else { return }
    for (caption, (name, row)) in expected.enumerated() {
      #expect(try tokenizer.decode(corpus.tokens(of: caption)) == "\(name) \(row)")
      #expect(try corpus.image(of: caption).id == name + TinyRun.contents().imageIDs[row])
      var embedding = [Float](repeating: 0, count: 8)
      try corpus.copyEmbedding(of: caption, to: &embedding)
      #expect(embedding == Array(values[8 * row..<8 * row + 8]))
    }
  }

  private func builder(_ corpus: CaptionCorpus) -> BatchBuilder {
    BatchBuilder(corpus, run.configuration, communicator: .alone, on: run.backend)
  }

  @Test func aBatchWithNaNIsRefusedByItsImage() throws {
    let path = run.folder + "/store.h5"
    guard case .float32(let values) = TinyRun.contents().embeddings else { return }
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    let bytes = try #require(try file.readToEnd())
    let place = try #require(bytes.firstRange(of: values.withUnsafeBytes { Data($0) })).lowerBound
    try file.seek(toOffset: UInt64(place + 4 * (8 * 3 + 7)))
    try file.write(contentsOf: withUnsafeBytes(of: Float.nan) { Data($0) })
    let builder = builder(try corpus(of: [path]))
    _ = try builder.batches(of: [0, 1, 2, 3], microbatches: 1)
    expectFailure(.badData, path, "image yellow (row 3)") {
      _ = try builder.batches(of: [0, 1, 6, 3], microbatches: 1)
    }
  }

  /// As many parts as there are, and all count the same tokens.
  @Test func microbatchesArePartsOfOneBatch() throws {
    let corpus = try corpus(of: [run.folder + "/store.h5"])
    let builder = builder(corpus)
    let samples = [3, 1, 4, 2]
    let (whole, tokens) = try builder.joined(Result { try builder.batches(of: samples, microbatches: 1) })
    let (halves, sameTokens) = try builder.joined(
      Result { try builder.batches(of: samples, microbatches: 2) })
    let lengths = try samples.map { try corpus.tokens(of: $0).count }
    #expect(tokens == lengths.reduce(0, +) && sameTokens == tokens)
    #expect(halves.flatMap(\.captions) == whole[0].captions && halves.map(\.firstSample) == [0, 2])
  }

  /// The loss is divided by the number of targets, whatever these weigh.
  @Test func targetsAreCountedAndNotWeighed() {
    func counted(_ weights: [[Float]]?) -> Int {
      CaptionBatch(
        embeddings: nil, captions: [[5, 0, 7], [0]], weights: weights, laneSizes: [2], firstSample: 0
      ).countedTokens
    }
    #expect(counted(nil) == 4)
    #expect(counted([[1, 0, 1], [0]]) == 2)
    #expect(counted([[0.25, 0, -3], [2.75]]) == 3)
  }

  /// A batch and the tokens of its samples, which incidents and validation divide by, are counted alike.
  @Test(arguments: [false, true]) func batchesAndSamplesAreCountedAlike(ignoresTokenZero: Bool) throws {
    let corpus = try corpus(["a red circle", "two blue squares", "a cross", "three"], endToken: true)
    var configuration = run.configuration
    configuration.train.ignoreTokenZero = ignoresTokenZero
    let builder = BatchBuilder(corpus, configuration, communicator: .alone, on: run.backend)
    let samples = [3, 1, 0, 2]
    let (batches, tokens) = try builder.joined(Result { try builder.batches(of: samples, microbatches: 2) })
    let lengths = try samples.map { try corpus.tokens(of: $0).count }
    #expect((tokens < lengths.reduce(0, +)) == ignoresTokenZero, "an end is token zero")
    #expect(try tokens == builder.countedTokens(of: samples))
    #expect(tokens == batches.reduce(0) { $0 + $1.countedTokens })
  }

  /// Where a mapping would end the program by a signal.
  @Test func aFileThatIsCutShortMeanwhileIsAFailure() throws {
    let path = run.folder + "/store.h5"
    let builder = builder(try corpus(of: [path]))
    _ = try builder.batches(of: [0, 5, 10, 11], microbatches: 2)
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    try file.truncate(atOffset: 64)
    expectFailure(.badData, path, "cut short") {
      _ = try builder.batches(of: [0, 5, 10, 11], microbatches: 2)
    }
  }
}
