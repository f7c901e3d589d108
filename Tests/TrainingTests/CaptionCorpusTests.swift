import Datasets
import Essentials
import Foundation
import Tensors
import Testing
import Text

@testable import Training

@Suite struct CaptionCorpusTests {
  private let run: TinyRun
  private let tokenizer: Tokenizer

  init() throws {
    run = try TinyRun()
    tokenizer = try Tokenizer(directory: run.folder + "/tokenizer")
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
      section, key: "data.train", tokenizer: tokenizer, rules: rules, on: run.backend)
  }

  private func tokens(_ corpus: CaptionCorpus) -> [[Int32]] {
    (0..<corpus.count).map { Array(corpus.tokens(of: $0)) }
  }

  @Test func onlyTheSplitsCaptionsAreTaken() throws {
    let corpus = try corpus()
    #expect(corpus.count == 12 && corpus.embeddingWidth == 8)
    #expect(corpus.truncated == 0 && corpus.empty == 0)
    #expect(tokenizer.decode(corpus.tokens(of: 11)) == "two orange squares!")
    #expect(corpus.tokenCount == tokens(corpus).joined().count)
    var row = [Float](repeating: 0, count: 8)
    corpus.copyEmbedding(of: 3, to: &row)
    guard case .float32(let values) = TinyRun.contents().embeddings else { return }
    #expect(row == Array(values[8..<16]))
  }

  @Test func endTokenAndPeriod() throws {
    let captions = ["a red circle", "a red circle.", "<|endoftext|>"]
    #expect(tokens(try corpus(captions)) == captions.map { tokenizer.encode($0, specialTokens: .plain) })
    // A caption cannot smuggle in the end of text.
    #expect(!tokens(try corpus(captions)).joined().contains(tokenizer.endOfText))
    let ended = tokens(try corpus(captions, endToken: true))
    #expect(ended.allSatisfy { $0.last == tokenizer.endOfText })
    let dotted = tokens(try corpus(captions, endToken: true, addPeriod: true))
    #expect(dotted[0] == dotted[1])
    #expect(dotted[0] == tokenizer.encode("a red circle.") + [tokenizer.endOfText])
  }

  @Test func longCaptionsAreCutAndCounted() throws {
    let captions = ["abc", "abcdefgh", "abcdef"].map { String($0.map { "\($0)1" }.joined()) }
    let whole = tokens(try corpus(captions))
    let limit = whole[2].count
    let cut = try corpus(captions, limit: .tokens(limit))
    #expect(tokens(cut) == whole.map { Array($0.prefix(limit)) })
    #expect(cut.truncated == 1)
    let positions = try corpus(captions, limit: .tokens(limit), positions: 2)
    #expect(tokens(positions).allSatisfy { $0.count == 2 } && positions.truncated == 3)
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
    #expect(rare.tokens(of: 200).count == 28)
  }

  @Test func emptyCaptionsAreLeftOut() throws {
    for endToken in [false, true] {
      let corpus = try corpus(["", "a red circle", ""], endToken: endToken)
      #expect(corpus.count == 1 && corpus.empty == 2)
      // Each caption keeps its own image.
      var row = [Float](repeating: 0, count: 8)
      corpus.copyEmbedding(of: 0, to: &row)
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
        section, key: "data.train", tokenizer: tokenizer, rules: rules, on: run.backend)
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
        section, key: "data.train", tokenizer: tokenizer, rules: rules, on: run.backend)
    }
  }

  @Test func fingerprintFollowsTextAndOrder() throws {
    let first = try corpus(["a red circle", "two"]).fingerprint
    #expect(try corpus(["a red circle", "two"]).fingerprint == first)
    #expect(try corpus(["two", "a red circle"]).fingerprint != first)
    #expect(try corpus(["a red circle", "two"], endToken: true).fingerprint != first)
  }
}
