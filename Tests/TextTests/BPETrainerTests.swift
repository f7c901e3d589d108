import Foundation
import Support
import Testing

@testable import Text

@Suite struct BPETrainerTests {
  @Test func learnsTheFilesOfHuggingFace() throws {
    try withTemporaryDirectory { directory in
      let sentences = try Golden.text("sentences.txt").split(separator: "\n").map(String.init)
      try BPETrainer(vocabularySize: 600).train(on: sentences).save(to: directory)
      for file in ["vocab.json", "merges.txt"] {
        #expect(
          try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8) == Golden.text("small/\(file)"))
      }
    }
  }

  @Test(.enabled(if: SharedData.exists, "needs ../shared/data"), arguments: [4096, 8192])
  func learnsTheVocabularyOfHuggingFaceOnFlickr8k(size: Int) throws {
    let golden: Golden.Flickr8k = try Golden.json("flickr8k.json")
    let tokenizer = try BPETrainer(vocabularySize: size).train(
      on: SharedData.flickr8kCaptions(split: "train"))
    #expect(tokenizer.fingerprint.description == golden.trained["\(size)"])
  }

  @Test func stopsWhenEveryWordIsOneToken() throws {
    let tokenizer = try BPETrainer(vocabularySize: 1000).train(on: ["aaaa aaaa", "", "ab"])
    // Of the last two pairs, which stand once, the one with the smaller left id goes first.
    #expect(
      (257..<tokenizer.vocabularySize).map { tokenizer.token(Int32($0)) } == ["aa", "aaaa", "ab", "Ġaaaa"])
    #expect(tokenizer.encode("aaaa aaaa").count == 2)
  }

  @Test(.enabled(if: SharedData.exists, "needs ../shared/data"))
  func stopsWhereHuggingFaceStopsOnFlickr8k() throws {
    let golden: Golden.Flickr8k = try Golden.json("flickr8k.json")
    let tokenizer = try BPETrainer(vocabularySize: 50_000).train(
      on: SharedData.flickr8kCaptions(split: "train"))
    #expect(tokenizer.vocabularySize == golden.exhausted)
  }

  @Test func learnsNothingFromNothing() throws {
    let tokenizer = try BPETrainer(vocabularySize: 300).train(on: [])
    #expect(tokenizer.vocabularySize == 257)
    #expect(tokenizer.decode(tokenizer.encode("any text, é")) == "any text, é")
  }

  @Test(arguments: [Int.min, 0, 256, Int.max]) func refusesASizeThatCannotBe(size: Int) {
    #expect { try BPETrainer(vocabularySize: size) } throws: { ($0 as? Failure)?.kind == .usage }
  }
}
