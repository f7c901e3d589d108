import Foundation
import Support
import Testing

@testable import Text

/// What a GGUF file has of a vocabulary, made of the golden `tokenizer.json`.
@Suite struct GGUFVocabularyTests {
  /// The values of a file.
  private struct Values {
    var model = "gpt2"
    var pre: String?
    var tokens: [String]
    var types: [Int]
    var merges: [String]
    var begin: Int?
    var end: Int?
    var addsBegin: Bool?

    init(_ kind: String, pre: String) throws {
      let url = URL(fileURLWithPath: ModernTokenizerTests.folder(kind) + "/tokenizer.json")
      let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
      var ids = file.model.vocab
      for token in file.added_tokens { ids[token.content] = token.id }
      tokens = ids.sorted { $0.value < $1.value }.map(\.key)
      let added = Dictionary(uniqueKeysWithValues: file.added_tokens.map { ($0.id, $0.special ? 3 : 4) })
      types = tokens.indices.map { added[$0] ?? 1 }
      merges = file.model.merges.map { $0.joined(separator: " ") }
      self.pre = pre
      let tokenizer = try BPETokenizer(directory: ModernTokenizerTests.folder(kind))
      (begin, end) = (tokenizer.beginOfText.map(Int.init), Int(tokenizer.endOfText))
    }

    func tokenizer() throws -> BPETokenizer {
      try BPETokenizer(
        ggufModel: model, preTokenizer: pre, tokens: tokens, types: types, merges: merges, beginOfText: begin,
        endOfText: end, addsBeginOfText: addsBegin, path: "model.gguf")
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct File: Decodable {
    struct Model: Decodable {
      let vocab: [String: Int]
      let merges: [[String]]
    }
    struct Added: Decodable {
      let id: Int
      let content: String
      let special: Bool
    }
    let model: Model
    let added_tokens: [Added]
  }

  @Test(arguments: [("gpt2", "gpt-2"), ("digits", "smollm"), ("llama3", "llama-bpe")])
  func isTheSameVocabulary(kind: String, pre: String) throws {
    let tokenizer = try Values(kind, pre: pre).tokenizer()
    #expect(
      try tokenizer.fingerprint == BPETokenizer(directory: ModernTokenizerTests.folder(kind)).fingerprint)
    try ModernTokenizerTests.expectIds(of: tokenizer, kind)
  }

  /// The golden vocabulary has a token that is looked for in composed texts, which GGUF does not tell apart.
  @Test func qwen2() throws {
    let values = try Values("qwen2", pre: "qwen2")
    let (read, file) = (
      try values.tokenizer(), try BPETokenizer(directory: ModernTokenizerTests.folder("qwen2"))
    )
    for text in ["A re\u{301}sume\u{301} 123 <tool>", "we'LL\r\n<|im_end|>"] {
      #expect(read.encode(text) == file.encode(text))
    }
  }

  @Test func templatesAreSaved() throws {
    for (kind, pre, adds, saved) in [
      ("llama3", "llama-bpe", nil, true), ("llama3", "llama-bpe", false, false),
      ("digits", "smollm", nil, false),
      ("digits", "smollm", true, true),
    ] as [(String, String, Bool?, Bool)] {
      var values = try Values(kind, pre: pre)
      values.addsBegin = adds
      try withTemporaryDirectory { directory in
        try values.tokenizer().save(to: directory)
        let text = try String(contentsOfFile: directory + "/tokenizer.json", encoding: .utf8)
        #expect(text.contains("TemplateProcessing") == saved)
        #expect(try BPETokenizer(directory: directory).fingerprint == values.tokenizer().fingerprint)
      }
    }
  }

  @Test func whatIsOtherwiseIsNamed() throws {
    try expectRefusal("the kind \"llama\"") { $0.model = "llama" }
    try expectRefusal("the pre-tokenizer \"default\"") { $0.pre = "default" }
    try expectRefusal("no pre-tokenizer") { $0.pre = nil }
    try expectRefusal("types of tokens") { $0.types.removeLast() }
    try expectRefusal("each once") { $0.tokens[5] = $0.tokens[6] }
    try expectRefusal("the token 700 ends a text") { $0.end = 700 }
    try expectRefusal("the token -1 begins a text") { $0.begin = -1 }
    try expectRefusal("merge 0, \"a b c\"") { $0.merges[0] = "a b c" }
    try expectRefusal("merge 1, \"\"") { $0.merges[1] = "" }
    try expectRefusal("has no token \"") { $0.pre = "gpt-2" }
    try expectRefusal("each once") {
      ($0.tokens, $0.types, $0.merges, $0.begin, $0.end) = (["a", "a"], [], [], nil, nil)
    }
    try expectRefusal("no token \"<|endoftext|>\"") {
      ($0.tokens, $0.types, $0.merges, $0.begin, $0.end) = ([], [], [], nil, nil)
    }
  }

  private func expectRefusal(_ words: String, _ change: (inout Values) -> Void) throws {
    var values = try Values("digits", pre: "smollm")
    change(&values)
    let failure = #expect(throws: Failure.self) { _ = try values.tokenizer() }
    #expect(failure?.kind == .badData)
    #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
  }
}
