import CKernels
import Tensors
import Testing

/// Which instructions run shows in the number of operations.
@Suite struct MultiplyAddTests {
  private static let float32 = ["amx": 16, "avx512bf16": 16, "avx512": 16, "avx2": 8, "portable": 0]

  @Test(arguments: Backend.instructionSets.filter(Backend.supports))
  func countsThoseOfTheInstructionSet(name: String) throws {
    let floats = try #require(Self.float32[name])
    let operations = Double(2 * 12 << 20)
    #expect(capstan_multiply_adds(name) == operations * Double(floats))
    let pairs =
      switch name {
      case "amx": Double(2 * 16 * 16 * 32 * 6 << 14)
      case "avx512bf16": operations * 32
      default: operations * Double(floats)
      }
    #expect(capstan_bfloat16_multiply_adds(name) == pairs)
  }
}
