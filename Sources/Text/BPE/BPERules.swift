/// What a byte-level BPE does to a text besides its merges.
struct BPERules: Equatable, Sendable {
  var preTokenizer = PreTokenizer.gpt2
  /// Whether a text is first brought into Unicode's form C.
  var composes = false
  /// Whether a word that is a token is that token, whatever the merges would make of it.
  var ignoresMerges = false

  /// The text between added tokens as it is cut into words.
  func normalized(_ utf8: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    composes ? Composition.composed(utf8) : utf8
  }
}

/// The tokens that Hugging Face puts before and behind a text when it is asked for special tokens. Capstan's encoding
/// never adds them; they are kept for the files.
struct TextTemplate: Equatable, Sendable {
  var before: [Int32] = []
  var after: [Int32] = []

  var isEmpty: Bool { before.isEmpty && after.isEmpty }
}
