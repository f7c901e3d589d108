/// Small damage in many places: what a bad disk, a bad program or a bad person does to a file.
///
/// The same seed gives the same damage.
public struct Mutations {
  private var state: UInt64

  /// `number` tells the cases of one seed apart.
  public init(seed: UInt64, number: Int = 0) {
    state = seed &* 0xD134_2543_DE82_EF95 &+ UInt64(truncatingIfNeeded: number)
  }

  /// A number from 0 to `bound` - 1, from SplitMix64.
  public mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  /// `original` after one to five changes, mostly few, some of which take bytes from `donor`.
  public mutating func mutated(_ original: [UInt8], donor: [UInt8] = []) -> [UInt8] {
    var bytes = original
    for _ in 0...next(below: 1 + next(below: 5)) where !bytes.isEmpty { change(&bytes, donor: donor) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], donor: [UInt8]) {
    let position = next(below: bytes.count)
    switch next(below: 12) {
    case 0: bytes[position] = UInt8(next(below: 256))
    case 1: bytes[position] ^= 1 << UInt8(next(below: 8))
    case 2: bytes[position] = [0, 1, 0x7F, 0x80, 0xFF][next(below: 5)]
    case 3: bytes[position] &+= UInt8(next(below: 2) == 0 ? 1 : 255)
    case 4: bytes.remove(at: position)
    case 5: bytes.insert(UInt8(next(below: 256)), at: position)
    case 6: bytes.removeSubrange(piece(of: bytes, from: position))
    case 7: bytes.insert(contentsOf: bytes[piece(of: bytes, from: position)], at: next(below: bytes.count))
    case 8: putExtremeInteger(into: &bytes, at: position)
    case 9: putExtremeDecimal(into: &bytes, after: position)
    case 10 where !donor.isEmpty:
      bytes.insert(contentsOf: donor[piece(of: donor, from: next(below: donor.count))], at: position)
    case 11 where next(below: 8) == 0: bytes.removeSubrange(position...)
    default: bytes.swapAt(position, next(below: bytes.count))
    }
  }

  private mutating func piece(of bytes: [UInt8], from start: Int) -> Range<Int> {
    start..<min(bytes.count, start + 1 + next(below: 40))
  }

  /// A little-endian integer of one to eight bytes at an end of its range.
  private mutating func putExtremeInteger(into bytes: inout [UInt8], at position: Int) {
    let width = [1, 2, 4, 8][next(below: 4)]
    let highest = UInt64.max >> UInt64(64 - 8 * width)
    let extremes = [0, 1, highest >> 1, (highest >> 1) + 1, highest, highest - 1]
    let value = extremes[next(below: extremes.count)]
    for (byte, index) in (position..<min(bytes.count, position + width)).enumerated() {
      bytes[index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))
    }
  }

  /// Another number in place of the next that is written in digits.
  private mutating func putExtremeDecimal(into bytes: inout [UInt8], after position: Int) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let start = bytes[position...].firstIndex(where: { digits.contains($0) }) else { return }
    let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.endIndex
    let extremes = [
      "0", "-1", "1e999", "0.5", "NaN", "4294967296", "9223372036854775807", "9223372036854775808",
      "18446744073709551616",
    ]
    bytes.replaceSubrange(start..<end, with: extremes[next(below: extremes.count)].utf8)
  }
}
