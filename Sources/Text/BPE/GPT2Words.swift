/// The words of a text as GPT-2 cuts them, in order; no merge reaches across two of them.
///
/// This is the pattern `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
/// (openai/gpt-2, `encoder.py`) by hand: a word carries at most one space before it, and the spaces that are
/// left over are a word of their own.
struct GPT2Words: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  /// - Parameter utf8: valid UTF-8, whole scalars.
  init(of utf8: ArraySlice<UInt8>) { rest = utf8 }

  mutating func next() -> ArraySlice<UInt8>? {
    guard !rest.isEmpty else { return nil }
    let end = contractionEnd ?? runEnd
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  /// Where `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` ends, if the text goes on with one.
  private var contractionEnd: Int? {
    let start = rest.startIndex
    guard rest[start] == UInt8(ascii: "'"), rest.count > 1 else { return nil }
    switch (rest[start + 1], rest.count > 2 ? rest[start + 2] : 0) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
      return start + 2
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return start + 3
    default: return nil
    }
  }

  /// Where the run of one class ends that begins here, or behind one space here.
  private var runEnd: Int {
    var (kind, end) = rest.characterClass(at: rest.startIndex)
    if rest[rest.startIndex] == UInt8(ascii: " "), end < rest.endIndex {
      let behindSpace = rest.characterClass(at: end)
      if behindSpace.kind != .space { (kind, end) = behindSpace }
    }
    var lastStart = rest.startIndex
    while end < rest.endIndex {
      let scalar = rest.characterClass(at: end)
      guard scalar.kind == kind else {
        // `\s+(?!\S)`: the last of several spaces is left to the word behind them.
        return kind == .space && lastStart > rest.startIndex ? lastStart : end
      }
      (lastStart, end) = (end, scalar.end)
    }
    return end
  }
}
