import Foundation
import Support
import Testing

@testable import Text

/// The steps of today's language models, against Hugging Face's tokenizers (`Golden/make_modern.py`).
@Suite struct ModernTokenizerTests {
  static let kinds = ["gpt2", "digits", "llama3", "qwen2"]

  struct Expected: Decodable {
    struct Kind: Decodable {
      let size: Int
      let end: Int32
      /// Of the ids of `texts`, then of the first of `strings.json`.
      let digests: [String]
      let plain: [String]
    }
    let texts: [String]
    let kinds: [String: Kind]
    /// Of what is composed of 4,096 scalars each.
    let composed: [String]
    /// Of all scalars that `Digits` cuts out.
    let numeric: String
    let contractions: [String]
  }

  static func folder(_ kind: String) -> String { Golden.path("modern/\(kind)") }

  static func expectIds(of tokenizer: BPETokenizer, _ kind: String) throws {
    let golden: Expected = try Golden.json("modern.json")
    let expected = try #require(golden.kinds[kind])
    #expect(tokenizer.vocabularySize == expected.size && tokenizer.endOfText == expected.end)
    let texts = try golden.texts + Golden.json("strings.json")
    for (text, (parsed, plain)) in zip(texts, zip(expected.digests, expected.plain)) {
      #expect(digest(tokenizer.encode(text)).hasPrefix(parsed), "\(text.debugDescription)")
      #expect(
        digest(tokenizer.encode(text, specialTokens: .plain)).hasPrefix(plain), "\(text.debugDescription)")
    }
  }

  @Test(arguments: kinds) func idsAreThoseOfHuggingFace(kind: String) throws {
    let tokenizer = try BPETokenizer(directory: Self.folder(kind))
    try Self.expectIds(of: tokenizer, kind)
    try withTemporaryDirectory { directory in
      // What was there of another vocabulary goes.
      try BPETokenizer(directory: Golden.path("older")).save(to: directory)
      try tokenizer.save(to: directory)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == [
          "tokenizer.json", "tokenizer_config.json",
        ])
      let again = try #require(try TokenizerDirectory.open(directory) as? BPETokenizer)
      #expect(again.fingerprint == tokenizer.fingerprint)
      #expect(again.beginOfText == tokenizer.beginOfText)
      try Self.expectIds(of: again, kind)
      try BPETokenizer(directory: Golden.path("small")).save(to: directory)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == [
          "merges.txt", "vocab.json",
        ])
    }
  }

  @Test func eachKeepsItsText() throws {
    let golden: Expected = try Golden.json("modern.json")
    let tokenizer = try BPETokenizer(directory: Self.folder("llama3"))
    for text in golden.texts {
      #expect(Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
    }
  }

  @Test func rolesAreThoseOfTheFilesBesideIt() throws {
    let llama3 = try BPETokenizer(directory: Self.folder("llama3"))
    #expect(llama3.beginOfText.flatMap(llama3.token) == "<|begin_of_text|>")
    #expect(llama3.token(llama3.endOfText) == "<|end_of_text|>")
    #expect(try BPETokenizer(directory: Self.folder("qwen2")).beginOfText == nil)
    #expect(try BPETokenizer(directory: Golden.path("small")).beginOfText == nil)
  }

  @Test(arguments: [
    (#"{"eos_token": "</s>"}"#, "names \"</s>\" as the token that ends a text"),
    (
      #"{"bos_token": {"content": "<s>"}, "eos_token": "<|im_end|>"}"#,
      "names \"<s>\" as the token that begins a text"
    ),
    (#"{"eos_token": 7}"#, "does not name the tokens"), ("[", "does not name the tokens"),
    ("{}", "no token \"<|endoftext|>\", and no tokenizer_config.json"),
  ])
  func rolesThatAreNoTokens(file: String, words: String) throws {
    try withTemporaryDirectory { directory in
      try FileManager.default.copyItem(
        atPath: Self.folder("llama3") + "/tokenizer.json", toPath: directory + "/tokenizer.json")
      try Data(file.utf8).write(to: URL(fileURLWithPath: directory + "/tokenizer_config.json"))
      let failure = #expect(throws: Failure.self) { _ = try BPETokenizer(directory: directory) }
      #expect(failure?.kind == .badData)
      #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
    }
  }

  /// By its id, or the first of several, where no other file names it.
  @Test(arguments: ["703", "[703, 700]"]) func theEndMayBeOfAModel(id: String) throws {
    try withTemporaryDirectory { directory in
      try FileManager.default.copyItem(
        atPath: Self.folder("qwen2") + "/tokenizer.json", toPath: directory + "/tokenizer.json")
      let path = URL(fileURLWithPath: directory + "/generation_config.json")
      try Data("{\"eos_token_id\": \(id), \"bos_token_id\": null}".utf8).write(to: path)
      #expect(try BPETokenizer(directory: directory).endOfText == 703)
      // Of a model with another vocabulary.
      try Data("{\"eos_token_id\": 50256, \"bos_token_id\": -1}".utf8).write(to: path)
      let tokenizer = try BPETokenizer(directory: directory)
      #expect(tokenizer.token(tokenizer.endOfText) == "<|endoftext|>")
      #expect(tokenizer.beginOfText == nil)
    }
  }

  @Test func everyScalarIsComposedAsByHuggingFace() throws {
    let golden: Expected = try Golden.json("modern.json")
    for (block, expected) in golden.composed.enumerated() {
      let scalars = (UInt32(block * 0x1000)..<UInt32((block + 1) * 0x1000)).compactMap(Unicode.Scalar.init)
      let text = scalars.map { c in
        "\(c) e\(c) \(c)\u{301} a\u{315}\(c)\u{327} \u{1100}\(c) \u{1100}\u{1161}\(c)\n"
      }.joined()
      let composed = Composition.composed(Array(text.utf8)[...])
      #expect(Fingerprint(of: Data(composed)).description.hasPrefix(expected), "block \(block)")
    }
  }

  @Test func everyScalarIsADigitAsForHuggingFace() throws {
    let golden: Expected = try Golden.json("modern.json")
    var numeric = Data()
    var contractions: [String] = []
    for scalar in (UInt32(0)...0x10FFFF).compactMap(Unicode.Scalar.init) {
      var pieces = 0
      PreTokenizer.digits.cut(Array("a\(scalar)".utf8)[...]) { _ in pieces += 1 }
      let isDigit = PreTokenizer.isDigit(scalar)
      if isDigit {
        numeric.append(contentsOf: String(scalar).utf8)
        #expect(pieces == 2)
      }
      guard CharacterClass(scalar) == .letter else { continue }
      let words = Array(Llama3Words(of: Array("a'\(scalar)é".utf8)[...], digits: 3))
      if words.count == 3 { contractions.append(String(scalar)) }
    }
    #expect(Fingerprint(of: numeric).description.hasPrefix(golden.numeric))
    #expect(contractions == golden.contractions)
  }

  /// A megabyte of one piece takes no longer for being one word.
  @Test(arguments: ["a", "1", " ", "\n", " \n", "'", "'s", "é", "e\u{301}", "!"])
  func longTexts(piece: String) throws {
    let text = String(repeating: piece, count: 100_000)
    for kind in PreTokenizer.allCases {
      var bytes = 0
      kind.cut(Array(text.utf8)[...]) { bytes += $0.count }
      #expect(bytes == text.utf8.count)
    }
    #expect(!Composition.composed(Array(text.utf8)[...]).isEmpty)
  }
}
