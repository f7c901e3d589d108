/// How a text is cut into the words across which no merge reaches, as Hugging Face's `tokenizers` 0.23 does it.
enum PreTokenizer: Int32, CaseIterable, Sendable {
  /// `ByteLevel` by itself.
  case gpt2
  /// `Digits(individual_digits=True)`, then `ByteLevel`: SmolLM2 and StarCoder.
  case digits
  /// `Split` by the pattern of Llama 3, then `ByteLevel` without a pattern.
  case llama3
  /// As Llama 3, but each digit alone: Qwen2.
  case qwen2

  /// Calls `body` for each word, from front to back. Together they are the text.
  ///
  /// - Parameter utf8: valid UTF-8, whole scalars.
  @inline(__always)
  func cut(_ utf8: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) {
    switch self {
    case .gpt2: for word in GPT2Words(of: utf8) { body(word) }
    case .digits: cutAtDigits(utf8, body)
    case .llama3: for word in Llama3Words(of: utf8, digits: 3) { body(word) }
    case .qwen2: for word in Llama3Words(of: utf8, digits: 1) { body(word) }
    }
  }

  /// What lies between two digits is a text of its own: its last space is not left to the digit.
  private func cutAtDigits(_ utf8: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) {
    var (start, position) = (utf8.startIndex, utf8.startIndex)
    while position < utf8.endIndex {
      let (scalar, end) = utf8.scalar(at: position)
      if scalar.map(Self.isDigit) == true {
        for word in GPT2Words(of: utf8[start..<position]) { body(word) }
        body(utf8[position..<end])
        start = end
      }
      position = end
    }
    for word in GPT2Words(of: utf8[start...]) { body(word) }
  }

  /// Rust's `char::is_numeric`, by which `Digits` cuts. It knows Unicode 17.0, unlike the patterns (`CharacterClass`).
  static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }
}
