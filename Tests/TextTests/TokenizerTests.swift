import Foundation
import Testing

@testable import Text

@Suite struct TokenizerTests {
  @Test func smallVocabularyGivesTheIdsOfHuggingFace() throws {
    try expectIds(of: BPETokenizer(directory: Golden.path("small")), "small.json")
  }

  @Test(.enabled(if: SharedData.exists, "needs ../shared/data"))
  func gpt2GivesTheIdsOfHuggingFace() throws {
    try expectIds(of: BPETokenizer(directory: SharedData.path + "/gpt2"), "gpt2.json")
  }

  private func expectIds(of tokenizer: BPETokenizer, _ golden: String) throws {
    let golden: Golden.Ids = try Golden.json(golden)
    #expect(tokenizer.fingerprint.description == golden.fingerprint)
    for item in golden.cases {
      #expect(tokenizer.encode(item.text) == item.ids, "\(item.text.debugDescription)")
      #expect(
        tokenizer.encode(item.text, specialTokens: .plain) == item.plain, "\(item.text.debugDescription)")
      #expect(tokenizer.decode(item.ids) == item.text)
    }
    for item in golden.long {
      let ids = tokenizer.encode(String(repeating: item.piece, count: item.times))
      #expect(digest(ids).hasPrefix(item.digest), "\(item.piece.debugDescription) × \(item.times)")
    }
    let strings: [String] = try Golden.json("strings.json")
    #expect(strings.count == golden.digests.count)
    for (string, expected) in zip(strings, golden.digests) {
      let ids = tokenizer.encode(string)
      #expect(digest(ids).hasPrefix(expected), "\(string.debugDescription)")
      #expect(Array(tokenizer.decode(ids).utf8) == Array(string.utf8))
    }
  }

  @Test(.enabled(if: SharedData.exists, "needs ../shared/data"))
  func flickr8kGivesTheIdsOfHuggingFace() throws {
    let golden: Golden.Flickr8k = try Golden.json("flickr8k.json")
    let tokenizer = try BPETokenizer(directory: SharedData.path + "/gpt2")
    let captions = try SharedData.flickr8kCaptions()
    #expect(captions.count == golden.captions)
    #expect(digest(captions.flatMap { tokenizer.encode($0) + [tokenizer.endOfText] }) == golden.gpt2Ids)
  }

  @Test func decodingReplacesBytesThatAreNotUTF8() throws {
    let tokenizer = try BPETokenizer(directory: Golden.path("small"))
    let golden: [Golden.Decoded] = try Golden.json("decoded.json")
    for item in golden { #expect(Array(tokenizer.decode(item.ids).utf8) == Array(item.text.utf8)) }
  }

  @Test func decodingPassesOverUnknownIds() throws {
    let tokenizer = try BPETokenizer(directory: Golden.path("small"))
    #expect(
      tokenizer.decode([-1, .min, .max, Int32(tokenizer.vocabularySize)] + tokenizer.encode("dog")) == "dog")
  }

  @Test func describesItself() throws {
    let tokenizer = try BPETokenizer(directory: Golden.path("small"))
    #expect(tokenizer.vocabularySize == 600)
    #expect(tokenizer.mergeCount == 600 - 257)
    #expect(tokenizer.endOfText == 0)
    #expect(tokenizer.token(0) == "<|endoftext|>")
    #expect(tokenizer.token(1) == "!")
    #expect(tokenizer.token(-1) == nil && tokenizer.token(600) == nil)
  }
}
