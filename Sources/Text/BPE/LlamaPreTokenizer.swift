/// The words of a text as Llama 3 cuts them (Grattafiori et al. 2024; the pattern is that of OpenAI's cl100k_base):
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d) | [^\r\n\p{L}\p{N}]?\p{L}+ | \p{N}{1,3} | ?[^\s\p{L}\p{N}]+[\r\n]* | \s*[\r\n]+
///     | \s+(?!\S) | \s+
///
/// by hand, the first alternative that fits; Qwen2's has `\p{N}` in place of `\p{N}{1,3}`.
struct LlamaPreTokenizer: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>
  private let mostDigits: Int

  /// - Parameter utf8: valid UTF-8, whole scalars.
  init(of utf8: ArraySlice<UInt8>, mostDigits: Int) {
    rest = utf8
    self.mostDigits = mostDigits
  }

  mutating func next() -> ArraySlice<UInt8>? {
    guard !rest.isEmpty else { return nil }
    let end = contractionEnd ?? lettersEnd ?? numberEnd ?? othersEnd ?? spaceEnd
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  private var start: Int { rest.startIndex }

  private func scalar(at index: Int) -> (kind: CharacterClass, end: Int)? {
    index < rest.endIndex ? CharacterClass.scalar(at: index, of: rest) : nil
  }

  /// Where the run of one class ends that goes on at an index.
  private func runEnd(of kind: CharacterClass, from index: Int, atMost most: Int = .max) -> Int {
    var (end, count) = (index, 0)
    while count < most, let scalar = scalar(at: end), scalar.kind == kind {
      (end, count) = (scalar.end, count + 1)
    }
    return end
  }

  private func isLineEnd(_ index: Int) -> Bool {
    index < rest.endIndex && (rest[index] == UInt8(ascii: "\r") || rest[index] == UInt8(ascii: "\n"))
  }

  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`. Without regard to case, s is ſ (U+017F) too.
  private var contractionEnd: Int? {
    guard rest[start] == UInt8(ascii: "'") else { return nil }
    let behind = rest[(start + 1)...].prefix(2).map { $0 | 0x20 }
    switch (behind.first, behind.dropFirst().first) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
      return start + 2
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return start + 3
    default: return rest[(start + 1)...].starts(with: [0xC5, 0xBF]) ? start + 3 : nil
    }
  }

  /// `[^\r\n\p{L}\p{N}]?\p{L}+`
  private var lettersEnd: Int? {
    guard let (kind, end) = scalar(at: start) else { return nil }
    if kind == .letter { return runEnd(of: .letter, from: end) }
    guard kind != .number, !isLineEnd(start), scalar(at: end)?.kind == .letter else { return nil }
    return runEnd(of: .letter, from: end)
  }

  /// `\p{N}{1,3}`
  private var numberEnd: Int? {
    let end = runEnd(of: .number, from: start, atMost: mostDigits)
    return end > start ? end : nil
  }

  /// ` ?[^\s\p{L}\p{N}]+[\r\n]*`
  private var othersEnd: Int? {
    let first = rest[start] == UInt8(ascii: " ") ? start + 1 : start
    var end = runEnd(of: .other, from: first)
    guard end > first else { return nil }
    while isLineEnd(end) { end += 1 }
    return end
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line end of a run of spaces; or else all of it, but for the last where
  /// something else follows.
  private var spaceEnd: Int {
    let end = runEnd(of: .space, from: start)
    if let line = (start..<end).last(where: isLineEnd) { return line + 1 }
    guard end < rest.endIndex else { return end }
    let last = rest[..<end].lastIndex { $0 & 0xC0 != 0x80 } ?? start
    return last > start ? last : end
  }
}
