import Essentials
import Foundation
import Testing

/// Small damage in many places: bytes changed, taken out, put in or repeated.
struct Mutations {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  private mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  mutating func mutated(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...next(below: 4) where !bytes.isEmpty {
      let position = next(below: bytes.count)
      switch next(below: 6) {
      case 0: bytes[position] = UInt8(next(below: 256))
      case 1: bytes[position] ^= 1 << UInt8(next(below: 8))
      case 2: bytes[position] = [0, 1, 0x7F, 0x80, 0xFF][next(below: 5)]
      case 3: bytes.remove(at: position)
      case 4: bytes.insert(UInt8(next(below: 256)), at: position)
      default:
        let end = min(bytes.count, position + next(below: 40))
        bytes.insert(contentsOf: bytes[position..<end], at: next(below: bytes.count))
      }
    }
    return bytes
  }

  /// Reads `count` damaged copies of a golden file, some of which must be refused, and none otherwise than by
  /// a `Failure`.
  static func expectRefusals(of name: String, among count: Int, _ read: (Data) throws -> Void) throws {
    let original = try Array(FormatsGolden.bytes(name))
    var random = Mutations(seed: UInt64(name.count))
    var refused = 0
    for _ in 0..<count {
      do { try read(Data(random.mutated(original))) } catch {
        #expect(error is Failure)
        refused += 1
      }
    }
    #expect(refused > count / 6)
  }
}
