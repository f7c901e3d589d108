/// The words of a text as Llama 3 and Qwen2 cut them, in order.
///
/// This is the pattern `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
///  ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+` by hand, with `\p{N}` for Qwen2: letters carry at most one
/// character before them, signs a space before and line ends behind them.
struct Llama3Words: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>
  private let digits: Int

  /// - Parameters:
  ///   - utf8: valid UTF-8, whole scalars.
  ///   - digits: how many a word has at most.
  init(of utf8: ArraySlice<UInt8>, digits: Int) { (rest, self.digits) = (utf8, digits) }

  mutating func next() -> ArraySlice<UInt8>? {
    guard !rest.isEmpty else { return nil }
    let end = contractionEnd ?? wordEnd
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  /// Where `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` in either case ends, if the text goes on with one. Of all other
  /// letters "ſ" alone is one of these in another case.
  private var contractionEnd: Int? {
    guard rest.first == UInt8(ascii: "'") else { return nil }
    let start = rest.startIndex + 1
    let letters = rest[start...].prefix(2)
    if letters.elementsEqual("\u{17F}".utf8) { return start + 2 }
    // Of a letter this makes its lower case, and a letter of nothing else.
    let lower = letters.map { $0 | 0x20 }
    switch (lower.first, lower.last) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
      return start + 1
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")):
      return start + 2
    case (UInt8(ascii: "l"), UInt8(ascii: "l")): return lower.count == 2 ? start + 2 : nil
    default: return nil
    }
  }

  private var wordEnd: Int {
    let first = rest.characterClass(at: rest.startIndex)
    let second = first.end < rest.endIndex ? rest.characterClass(at: first.end) : nil
    switch first.kind {
    case .letter: return end(of: .letter, from: first.end)
    case .number: return end(of: .number, from: first.end, atMost: digits - 1)
    case .space, .other:
      if !isLineEnd(rest.startIndex), let second, second.kind == .letter {
        return end(of: .letter, from: second.end)
      }
      if first.kind == .other { return lineEnds(from: end(of: .other, from: first.end)) }
      if rest.first == UInt8(ascii: " "), let second, second.kind == .other {
        return lineEnds(from: end(of: .other, from: second.end))
      }
      return spacesEnd
    }
  }

  private func isLineEnd(_ index: Int) -> Bool {
    rest[index] == UInt8(ascii: "\n") || rest[index] == UInt8(ascii: "\r")
  }

  private func lineEnds(from start: Int) -> Int {
    rest[start...].indices.first { !isLineEnd($0) } ?? rest.endIndex
  }

  /// Where the run of a class ends that goes on at `start`.
  private func end(of kind: CharacterClass, from start: Int, atMost count: Int = .max) -> Int {
    var (end, left) = (start, count)
    while left > 0, end < rest.endIndex {
      let next = rest.characterClass(at: end)
      guard next.kind == kind else { break }
      (end, left) = (next.end, left - 1)
    }
    return end
  }

  /// Where the word ends of the white space here: behind its last line end; where it has none it is all of it, but the
  /// last of several is left to the word behind them.
  private var spacesEnd: Int {
    var (end, lastStart) = (rest.startIndex, rest.startIndex)
    var lineEnd: Int?
    while end < rest.endIndex {
      let next = rest.characterClass(at: end)
      guard next.kind == .space else { break }
      if isLineEnd(end) { lineEnd = next.end }
      (lastStart, end) = (end, next.end)
    }
    return lineEnd ?? (end < rest.endIndex && lastStart > rest.startIndex ? lastStart : end)
  }
}
