import Foundation
import Support
import Testing

@testable import Text

/// Against what Hugging Face's tokenizers and Python gave: `Golden/make_words.py`.
@Suite struct WordTokenizerTests {
  private struct Words: Decodable {
    struct Case: Decodable {
      let text: String
      let ids: [Int32]
      let decoded: String
    }
    let words: [String]
    let cases: [Case]
  }

  private func golden() throws -> any Tokenizer { try TokenizerDirectory.open(Golden.path("words")) }

  @Test func theIdsAreThoseOfHuggingFace() throws {
    let tokenizer = try golden()
    let words: Words = try Golden.json("words.json")
    #expect(tokenizer is WordTokenizer)
    #expect(tokenizer.endOfText == 0 && tokenizer.unknown == 1)
    #expect((0..<Int32(tokenizer.vocabularySize)).map(tokenizer.token) == words.words)
    for item in words.cases {
      #expect(tokenizer.encode(item.text) == item.ids, "\(item.text.debugDescription)")
      #expect(tokenizer.decode(item.ids) == item.decoded)
    }
    #expect(tokenizer.decode([2, -1, 3, 99]) == "dog a")
  }

  @Test func aStrangersTextDoesNotEndACaption() throws {
    let tokenizer = try golden()
    #expect(
      tokenizer.encode("dog <|endoftext|> a<unk>dog <unk> <|ENDOFTEXT|>", specialTokens: .plain) == [
        2, 1, 1, 1, 1,
      ])
  }

  @Test func trainingGivesPythonsVocabulary() throws {
    let captions = try Golden.text("words/train.txt").split(separator: "\n").map(String.init)
    let words: Words = try Golden.json("words.json")
    let trained = try WordTrainer(minCount: 2).train(on: captions)
    #expect((0..<Int32(trained.vocabularySize)).map(trained.token) == words.words)
    #expect(try trained.fingerprint == golden().fingerprint)
    #expect(
      try WordTrainer(minCount: 2).train(on: captions.reversed()).fingerprint == trained.fingerprint)
    #expect(try WordTrainer(minCount: 4).train(on: captions).vocabularySize == 3)
  }

  @Test func trainingRefusesWhatHasNoWords() throws {
    #expect(throws: Failure.self) { try WordTrainer(minCount: 0) }
    let failure = #expect(throws: Failure.self) { try WordTrainer(minCount: 9).train(on: ["a dog"]) }
    #expect(failure?.description.contains("at least 9 times") == true)
  }

  @Test func whatIsSavedReplacesTheOtherKindAndIsReadAgain() throws {
    let (words, pairs) = (try golden(), try TokenizerDirectory.open(Golden.path("json")))
    #expect(words.fingerprint != pairs.fingerprint)
    try withTemporaryDirectory { directory in
      func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
      }
      for _ in 0..<2 {
        try pairs.save(to: directory)
        #expect(try TokenizerDirectory.open(directory).fingerprint == pairs.fingerprint)
        #expect(try names() == ["merges.txt", "tokenizer.json", "vocab.json"])
        try words.save(to: directory)
        #expect(try TokenizerDirectory.open(directory).fingerprint == words.fingerprint)
        #expect(try names() == ["tokenizer.json", "tokenizer_config.json"])
      }
      try expectSameJSON("tokenizer_config.json", in: directory)
    }
  }

  private func expectSameJSON(_ name: String, in directory: String) throws {
    let objects = try [Golden.path("words"), directory].map {
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: "\($0)/\(name)")))
    }
    #expect(objects[0] as? NSDictionary == objects[1] as? NSDictionary)
  }

  @Test func wordsDoNotDependOnHowTheyAreComposed() throws {
    let trained = try WordTrainer(minCount: 2).train(on: ["cafe\u{301}", "CAFÉ"])
    #expect(trained.vocabularySize == 3)
    try withTemporaryDirectory {
      try trained.save(to: $0)
      #expect(try TokenizerDirectory.open($0).encode("café cafe\u{301}") == [2, 2])
    }
  }

  @Test(arguments: [
    ("\"<|endoftext|>\"", "\"</s>\"", "adds the token \"</s>\""),
    ("\"unk_token\":\"<unk>\"", "\"unk_token\":\"?\"", "adds the token \"<unk>\""),
    ("\"unk_token\":\"<unk>\"", "\"x\":0", "it has no unk_token"),
    ("\"dog\":2", "\"dog\":3", "the id 3"),
    ("\"dog\":2", "\"dog\":-2", "the id -2"),
    ("\"type\":\"Lowercase\"", "\"type\":\"NFKC\"", "other steps"),
    ("\"type\":\"WhitespaceSplit\"", "\"type\":\"Whitespace\"", "other steps"),
    ("\"decoder\":null", "\"decoder\":{\"type\":\"Fuse\"}", "other steps"),
    ("\"lstrip\":false", "\"lstrip\":true", "with lstrip"),
    ("\"id\":1,", "\"id\":2,", "otherwise"),
    ("\"type\":\"WordLevel\"", "\"type\":\"WordPiece\"", "the model WordPiece"),
  ])
  func otherFilesAreRefused(_ found: String, _ replacement: String, _ sentence: String) throws {
    let text = try Golden.text("words/tokenizer.json")
    #expect(text.contains(found))
    try withTemporaryDirectory { directory in
      try text.replacing(found, with: replacement).write(
        toFile: directory + "/tokenizer.json", atomically: true, encoding: .utf8)
      let failure = #expect(throws: Failure.self) { _ = try TokenizerDirectory.open(directory) }
      #expect(failure?.description.contains(sentence) == true, "\(failure?.description ?? "")")
      #expect(failure?.kind == .badData)
    }
  }
}
