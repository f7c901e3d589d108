/// How texts are cut into words before merges, of which none reaches across two of them.
enum PreTokenization: String, Codable, CaseIterable, Sendable {
  /// GPT-2's pattern.
  case gpt2
  /// Every digit by itself, and GPT-2's pattern between: SmolLM's.
  case gpt2SingleDigits
  /// Llama 3's pattern, which cuts numbers into pieces of up to three digits.
  case llama3
  /// Llama 3's with every digit by itself: Qwen2's and Qwen3's.
  case qwen2

  /// The pattern as a `Split` of Hugging Face's `tokenizer.json` has it; nil: its `ByteLevel` has GPT-2's.
  var pattern: String? {
    switch self {
    case .gpt2, .gpt2SingleDigits: nil
    case .llama3: Self.pattern(numbers: #"\p{N}{1,3}"#)
    case .qwen2: Self.pattern(numbers: #"\p{N}"#)
    }
  }

  private static func pattern(numbers: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\#(numbers)| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// Calls `body` for each word of a text, in order.
  /// - Parameter utf8: valid UTF-8, whole scalars.
  func forEachWord(of utf8: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) {
    switch self {
    case .gpt2: for word in PreTokenizer(of: utf8) { body(word) }
    case .gpt2SingleDigits:
      for piece in SingleDigits(of: utf8) {
        for word in PreTokenizer(of: piece) { body(word) }
      }
    case .llama3: for word in LlamaPreTokenizer(of: utf8, mostDigits: 3) { body(word) }
    case .qwen2: for word in LlamaPreTokenizer(of: utf8, mostDigits: 1) { body(word) }
    }
  }
}

/// A text cut before and behind every digit (`\p{N}`).
private struct SingleDigits: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  init(of utf8: ArraySlice<UInt8>) { rest = utf8 }

  mutating func next() -> ArraySlice<UInt8>? {
    guard !rest.isEmpty else { return nil }
    let first = CharacterClass.scalar(at: rest.startIndex, of: rest)
    var end = first.end
    while first.kind != .number, end < rest.endIndex {
      let scalar = CharacterClass.scalar(at: end, of: rest)
      if scalar.kind == .number { break }
      end = scalar.end
    }
    defer { rest = rest[end...] }
    return rest[..<end]
  }
}
