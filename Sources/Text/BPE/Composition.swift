import Foundation

/// Unicode's form C, as the normalizer `NFC` of Hugging Face's `tokenizers` 0.23 makes it.
///
/// That one knows Unicode 9.0: what came later neither composes nor is put in order. Foundation's is of no use for this:
/// it takes U+10041 for a composing "A", puts some Tibetan vowels in another order and composes what is no final jamo.
///
/// The algorithm is that of the Unicode Standard, section 3.11, with section 3.12 for Hangul.
enum Composition {
  /// - Parameter utf8: valid UTF-8, whole scalars.
  static func composed(_ utf8: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    // Nothing below U+0300, whose first byte is 0xCC, composes with what is below it.
    guard utf8.contains(where: { $0 >= 0xCC }) else { return utf8 }
    var text: [Unicode.Scalar] = []
    var marks: [(scalar: Unicode.Scalar, order: UInt8)] = []
    func append(_ scalar: Unicode.Scalar) {
      let order = order(of: scalar)
      if order > 0 {
        marks.append((scalar, order))
      } else {
        close(&text, &marks)
        text.append(scalar)
      }
    }
    for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars { decompose(scalar, append) }
    close(&text, &marks)
    var composed = String.UnicodeScalarView()
    composed.append(contentsOf: text)
    return Array(String(composed).utf8)[...]
  }

  /// Appends the marks behind the last scalar, or has it take them; and has it taken by the one before if they are two
  /// parts of one.
  private static func close(
    _ text: inout [Unicode.Scalar], _ marks: inout [(scalar: Unicode.Scalar, order: UInt8)]
  ) {
    if text.count > 1, let whole = whole(text[text.count - 2], text[text.count - 1]) {
      text.removeLast(2)
      text.append(whole)
    }
    guard !marks.isEmpty else { return }
    var left: [Unicode.Scalar] = []
    var lastOrder: UInt8 = 0
    // Sorting is stable by the position.
    for (_, mark) in marks.enumerated().sorted(by: { ($0.1.order, $0.0) < ($1.1.order, $1.0) }) {
      if mark.order > lastOrder, let base = text.last, let whole = whole(base, mark.scalar) {
        text[text.count - 1] = whole
      } else {
        left.append(mark.scalar)
        lastOrder = mark.order
      }
    }
    text += left
    marks.removeAll(keepingCapacity: true)
  }

  private static func isKnown(_ scalar: Unicode.Scalar) -> Bool { (scalar.properties.age?.major ?? 99) <= 9 }

  /// The canonical combining class.
  private static func order(of scalar: Unicode.Scalar) -> UInt8 {
    guard scalar.value >= 0x300 else { return 0 }
    let order = scalar.properties.canonicalCombiningClass.rawValue
    return order > 0 && isKnown(scalar) ? order : 0
  }

  // MARK: - Hangul

  private static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
  private static let leading: Range<UInt32> = 0x1100..<0x1113
  private static let vowels: Range<UInt32> = 0x1161..<0x1176
  /// The first stands for none.
  private static let trailing: Range<UInt32> = 0x11A7..<0x11C3

  private static func decompose(_ scalar: Unicode.Scalar, _ body: (Unicode.Scalar) -> Void) {
    guard syllables.contains(scalar.value) else {
      if let parts = tables.parts[scalar] { parts.forEach(body) } else { body(scalar) }
      return
    }
    let index = Int(scalar.value - syllables.lowerBound)
    let (rest, last) = index.quotientAndRemainder(dividingBy: trailing.count)
    let (first, middle) = rest.quotientAndRemainder(dividingBy: vowels.count)
    let jamo = [(leading, first), (vowels, middle), (trailing, last)]
    for (range, offset) in jamo where range != trailing || offset > 0 {
      if let part = Unicode.Scalar(range.lowerBound + UInt32(offset)) { body(part) }
    }
  }

  /// What the two make together.
  private static func whole(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Unicode.Scalar? {
    let (first, second) = (left.value, right.value)
    if leading.contains(first), vowels.contains(second) {
      let index = Int(first - leading.lowerBound) * vowels.count + Int(second - vowels.lowerBound)
      return Unicode.Scalar(syllables.lowerBound + UInt32(index * trailing.count))
    }
    if syllables.contains(first), (first - syllables.lowerBound) % UInt32(trailing.count) == 0,
      trailing.dropFirst().contains(second)
    {
      return Unicode.Scalar(first + (second - trailing.lowerBound))
    }
    return tables.wholes[Pair(left: left, right: right)]
  }

  // MARK: - All others

  private struct Pair: Hashable {
    let left: Unicode.Scalar
    let right: Unicode.Scalar
  }

  private struct Tables {
    /// The full decompositions.
    var parts: [Unicode.Scalar: [Unicode.Scalar]] = [:]
    /// What two scalars compose to.
    var wholes: [Pair: Unicode.Scalar] = [:]
  }

  /// Of all scalars that decompose, of one scalar each, which Foundation does rightly.
  private static let tables: Tables = {
    var tables = Tables()
    var wholes: [[Unicode.Scalar]: Unicode.Scalar] = [:]
    let blocks: [ClosedRange<UInt32>] = [
      0xC0...0x30FF, 0xF900...0xFB4F, 0x11000...0x116FF, 0x1D15E...0x1D1C0, 0x2F800...0x2FA1F,
    ]
    for scalar in blocks.joined().compactMap(Unicode.Scalar.init) where isKnown(scalar) {
      let parts = Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
      guard parts != [scalar] else { continue }
      tables.parts[scalar] = parts
      if !scalar.properties.isFullCompositionExclusion { wholes[parts] = scalar }
    }
    for (parts, whole) in wholes {
      guard let right = parts.last, let left = parts.count == 2 ? parts[0] : wholes[Array(parts.dropLast())]
      else { continue }
      tables.wholes[Pair(left: left, right: right)] = whole
    }
    return tables
  }()
}
