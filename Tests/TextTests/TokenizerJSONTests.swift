import Foundation
import Support
import Testing

@testable import Text

/// `tokenizer.json` and `added_tokens.json`, as transformers writes and reads them (`Golden/make_json.py`).
@Suite struct TokenizerJSONTests {
  private struct Expected: Decodable {
    struct Case: Decodable {
      let text: String
      let ids: [Int32]
      let plain: [Int32]
    }
    let size: Int
    let cases: [Case]
  }

  private func expectIds(of tokenizer: BPETokenizer) throws {
    let expected: Expected = try Golden.json("json.json")
    #expect(tokenizer.vocabularySize == expected.size)
    for item in expected.cases {
      #expect(tokenizer.encode(item.text) == item.ids, "\(item.text)")
      #expect(tokenizer.encode(item.text, specialTokens: .plain) == item.plain, "\(item.text)")
      #expect(tokenizer.decode(item.ids) == item.text)
    }
  }

  @Test(arguments: ["json", "older"]) func idsAreThoseOfTransformers(folder: String) throws {
    let tokenizer = try BPETokenizer(directory: Golden.path(folder))
    try expectIds(of: tokenizer)
    // Added tokens come back, in whichever files.
    try withTemporaryDirectory { directory in
      try tokenizer.save(to: directory)
      let again = try BPETokenizer(directory: directory)
      #expect(again.fingerprint == tokenizer.fingerprint)
      try expectIds(of: again)
      // And do not outlive their vocabulary, nor does what names its tokens.
      let roles = directory + "/special_tokens_map.json"
      try Data(#"{"eos_token": "[PAD]"}"#.utf8).write(to: URL(fileURLWithPath: roles))
      try BPETokenizer(directory: Golden.path("small")).save(to: directory)
      #expect(try BPETokenizer(directory: directory).vocabularySize == 600)
      #expect(!FileManager.default.fileExists(atPath: roles))
    }
  }

  @Test func bothSavedFormsAreTheSameVocabulary() throws {
    let (a, b) = (
      try BPETokenizer(directory: Golden.path("json")), try BPETokenizer(directory: Golden.path("older"))
    )
    #expect(a.fingerprint == b.fingerprint)
    #expect(try a.fingerprint != BPETokenizer(directory: Golden.path("small")).fingerprint)
  }

  /// As tokenizers before 0.20 write them, and hub files that say no type.
  @Test func mergesAsStrings() throws {
    try withFile { file in
      var model = file["model"] as? [String: Any] ?? [:]
      model["merges"] = (model["merges"] as? [[String]])?.map { $0.joined(separator: " ") }
      model["type"] = nil
      file["model"] = model
      file["post_processor"] = ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false]
    } body: {
      try expectIds(of: BPETokenizer(directory: $0))
    }
  }

  /// One without added tokens is the same as its two older files.
  @Test func withoutAddedTokens() throws {
    try withFile {
      $0["added_tokens"] = []
    } body: {
      try #expect(
        BPETokenizer(directory: $0).fingerprint == BPETokenizer(directory: Golden.path("small")).fingerprint)
    }
  }

  @Test(arguments: [
    (#"{"normalizer": {"type": "NFKC"}}"#, "the normalizer NFKC"),
    (
      #"{"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]}}"#,
      "the normalizer Lowercase"
    ),
    (
      #"{"pre_tokenizer": {"type": "Digits", "individual_digits": true}}"#,
      "Digits without ByteLevel behind it"
    ),
    (
      #"{"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "ByteLevel"}]}}"#,
      "several pre-tokenizers"
    ),
    (
      #"{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "\\p{M}+"}, "behavior": "Isolated"}}"#,
      #"the pre-tokenizer Split by the pattern \p{M}+"#
    ),
    (
      #"{"pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "Removed"}}"#,
      "another behaviour than Isolated"
    ),
    (
      #"{"model": {"type": "BPE", "unk_token": "a", "vocab": {"a": 0}, "merges": []}}"#,
      "an unk_token and no token"
    ),
    (
      #"{"model": {"type": "BPE", "byte_fallback": true, "vocab": {}, "merges": []}}"#,
      "byte_fallback and no token"
    ),
    (#"{"pre_tokenizer": null}"#, "no pre-tokenizer"),
    (#"{"pre_tokenizer": {"type": "Whitespace"}}"#, "the pre-tokenizer Whitespace"),
    (#"{"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true}}"#, "add_prefix_space"),
    (#"{"pre_tokenizer": {"type": "ByteLevel", "use_regex": false}}"#, "without use_regex"),
    (
      #"{"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits"}, {"type": "ByteLevel"}]}}"#,
      "the pre-tokenizer Digits"
    ),
    (#"{"post_processor": {"type": "BertProcessing"}}"#, "the post-processor BertProcessing"),
    (
      #"{"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}]}}"#,
      "adds a token which its vocabulary does not have"
    ),
    (#"{"decoder": {"type": "Metaspace"}}"#, "the decoder Metaspace"),
    (#"{"model": {"type": "WordPiece", "vocab": {}}}"#, "the model WordPiece"),
    (#"{"model": {"type": "Unigram", "vocab": [["a", 0.5]]}}"#, "the model Unigram"),
    (#"{"model": {"type": "BPE", "dropout": 0.1}}"#, "a dropout of merges"),
    (#"{"model": {"type": "BPE", "end_of_word_suffix": "</w>"}}"#, "an end_of_word_suffix"),
    (#"{"model": null}"#, "model"), (#"{"model": {"type": "BPE", "vocab": {}}}"#, "no merges"),
    (#"{"model": {"type": "BPE", "vocab": {}, "merges": []}}"#, "each once"),
    (#"{"model": {"type": "BPE", "vocab": {}, "merges": [["a", "b"]]}}"#, "merge 0, \"a b\""),
    (#"{"model": {"type": "BPE", "vocab": {}, "merges": ["a b c"]}}"#, "model.merges"),
    (#"{"model": {"type": "BPE", "vocab": {"a": 1e30}, "merges": []}}"#, "is not a tokenizer.json"),
    (#"{"added_tokens": [{"id": 700, "content": "x y"}]}"#, "the id 700"),
    (#"{"added_tokens": [{"id": -1, "content": "x y"}]}"#, "the id -1"),
    (#"{"added_tokens": [{"id": 99999999999999, "content": "x y"}]}"#, "99999999999999"),
    (#"{"added_tokens": [{"id": 600, "content": ""}]}"#, "it is empty"),
    (#"{"added_tokens": [{"id": 3, "content": "a"}]}"#, "its vocabulary has it otherwise"),
    (#"{"added_tokens": [{"id": 600, "content": "x", "lstrip": true}]}"#, "lstrip"),
    ("[]", "no JSON object"), ("", "no JSON object"),
  ])
  func whatIsOtherwiseIsNamed(change: String, words: String) throws {
    try withFile { file in
      guard let changes = try? JSONSerialization.jsonObject(with: Data(change.utf8)) as? [String: Any] else {
        file = [:]
        return
      }
      file.merge(changes) { $1 }
    } body: { directory in
      if !change.hasPrefix("{") {
        try Data(change.utf8).write(to: URL(fileURLWithPath: directory + "/tokenizer.json"))
      }
      let failure = #expect(throws: Failure.self) { _ = try BPETokenizer(directory: directory) }
      #expect(failure?.kind == .badData)
      #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
    }
  }

  /// A directory with the golden file, changed.
  private func withFile(_ change: (inout [String: Any]) -> Void, body: (String) throws -> Void) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Golden.path("json/tokenizer.json")))
    var file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    change(&file)
    try withTemporaryDirectory { directory in
      try JSONSerialization.data(withJSONObject: file)
        .write(to: URL(fileURLWithPath: directory + "/tokenizer.json"))
      try body(directory)
    }
  }
}
