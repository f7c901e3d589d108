/// A token that stands for a piece of text as it is written, whatever the merges would make of it: the end of text, and
/// what somebody has added to a vocabulary (`[PAD]`, a name).
struct AddedToken: Equatable, Sendable {
  let id: Int32
  let text: String
  /// A mark, not a word: text that somebody else wrote does not mean it.
  var isSpecial = true
  /// Hugging Face looks for these where none of the others is.
  var isNormalized = false
}

/// Cuts added tokens out of texts: the first one there is, of several at a place the longest.
struct AddedTokenSearch: Sendable {
  /// By their first byte, the longest first: [256].
  private var candidates: [[(utf8: [UInt8], id: Int32)]]
  private let isEmpty: Bool

  init(_ tokens: some Sequence<AddedToken>) {
    candidates = Array(repeating: [], count: 256)
    for token in tokens.sorted(by: { $0.text.utf8.count > $1.text.utf8.count }) {
      let utf8 = Array(token.text.utf8)
      if let first = utf8.first { candidates[Int(first)].append((utf8, token.id)) }
    }
    isEmpty = candidates.allSatisfy(\.isEmpty)
  }

  /// Calls `text` for each piece without such tokens, and `token` for each of them, from front to back.
  func cut(
    _ utf8: ArraySlice<UInt8>, text: (ArraySlice<UInt8>) -> Void, token: (Int32) -> Void
  ) {
    var start = utf8.startIndex
    var position = start
    while !isEmpty, position < utf8.endIndex {
      let found = candidates[Int(utf8[position])].first { utf8[position...].starts(with: $0.utf8) }
      guard let found else {
        position += 1
        continue
      }
      if start < position { text(utf8[start..<position]) }
      token(found.id)
      position += found.utf8.count
      start = position
    }
    if start < utf8.endIndex { text(utf8[start...]) }
  }
}
