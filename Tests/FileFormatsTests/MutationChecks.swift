import Foundation
import Fuzzing
import Support
import Testing

extension Mutations {
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
