import Foundation
import Support
import Testing

@testable import Text

/// Tokenizers as Llama 3, Qwen2 and SmolLM have them, beside Hugging Face's (`Golden/make_modern.py`).
@Suite struct ModernTokenizerTests {
  private struct Expected: Decodable {
    let strings: [String]
    let ids: [String: [[Int32]]]
    let flickr8k: [String: String]
  }

  private static let names = ["llama3", "qwen2", "smollm"]
  private let expected: Expected

  init() throws { expected = try Golden.json("modern.json") }

  private func expectIds(of tokenizer: any Tokenizer, _ name: String) throws {
    for (text, ids) in zip(expected.strings, try #require(expected.ids[name])) {
      #expect(tokenizer.encode(text) == ids, "\(name): \(text.debugDescription)")
    }
  }

  @Test(arguments: names) func idsAreThoseOfHuggingFace(name: String) throws {
    let tokenizer = try TokenizerDirectory.open(Golden.path("modern/\(name)"))
    try expectIds(of: tokenizer, name)
    #expect(tokenizer.token(tokenizer.endOfText) == "<|end|>")
    // What others wrote means no marks.
    #expect(!tokenizer.encode("a<|end|>", specialTokens: .plain).contains(tokenizer.endOfText))
  }

  @Test(arguments: names) func writtenAndReadAgain(name: String) throws {
    let tokenizer = try TokenizerDirectory.open(Golden.path("modern/\(name)"))
    try withTemporaryDirectory { directory in
      // What stands there of another vocabulary goes.
      try BPETokenizer(directory: Golden.path("small")).save(to: directory)
      try tokenizer.save(to: directory)
      let files = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(Set(files) == ["tokenizer.json", "tokenizer_config.json"])
      let again = try TokenizerDirectory.open(directory)
      #expect(again.fingerprint == tokenizer.fingerprint && again.endOfText == tokenizer.endOfText)
      try expectIds(of: again, name)
    }
  }

  /// Each rule and the end token make another vocabulary.
  @Test func fingerprintsTellRulesApart() throws {
    let vocabulary = try Vocabulary(tokenizerJSON: Golden.path("modern/qwen2/tokenizer.json"))
    let changes: [(inout Vocabulary) -> Void] = [
      { _ in }, { $0.rules.preTokenization = .llama3 }, { $0.rules.normalizesToNFC = false },
      { $0.rules.ignoresMerges = true }, { $0.endToken = "<|im_end|>" },
    ]
    let fingerprints = changes.map { change in
      var changed = vocabulary
      change(&changed)
      return changed.fingerprint
    }
    #expect(Set(fingerprints).count == changes.count)
  }

  @Test(.enabled(if: SharedData.exists, "needs ../shared/data"), arguments: names)
  func captionsOfFlickr8k(name: String) throws {
    let tokenizer = try TokenizerDirectory.open(Golden.path("modern/\(name)"))
    let ids = try SharedData.flickr8kCaptions().flatMap { tokenizer.encode($0) }
    #expect(digest(ids) == expected.flickr8k[name])
  }

  @Test func anEndTokenThatIsNotThere() throws {
    try withTemporaryDirectory { directory in
      try FileManager.default.copyItem(
        atPath: Golden.path("modern/qwen2/tokenizer.json"), toPath: directory + "/tokenizer.json")
      for (configuration, words) in [
        (#"{"eos_token": "<|none|>"}"#, "has no token \"<|none|>\""), ("[]", "is no JSON object"),
        ("{}", "has no token \"<|endoftext|>\""),
      ] {
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: directory + "/tokenizer_config.json"))
        let failure = #expect(throws: Failure.self) { _ = try TokenizerDirectory.open(directory) }
        #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
      }
      try Data(#"{"eos_token": {"content": "<|im_end|>"}}"#.utf8).write(
        to: URL(fileURLWithPath: directory + "/tokenizer_config.json"))
      let tokenizer = try TokenizerDirectory.open(directory)
      #expect(tokenizer.token(tokenizer.endOfText) == "<|im_end|>")
    }
  }
}
