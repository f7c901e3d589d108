import Benchmarking
import Collectives
import Tensors
import Testing

@Suite struct MachinePeakTests {
  /// A product of another instruction set than the processor's best is not compared with the best.
  @Test func ofBfloat16IsThatOfTheInstructionSetInUse() throws {
    let portable = MachinePeak(
      .alone, on: try Backend(threads: 1, instructionSet: "portable", precision: .bfloat16))
    #expect(portable.arithmetic(.bfloat16) == nil)
    #expect((portable.arithmetic(.float32) != nil) == (BLASCore.instructionSet != nil))
    let best = try #require(Backend.instructionSets.first(where: Backend.supports))
    let measured = MachinePeak(
      .alone, on: try Backend(threads: 1, instructionSet: best, precision: .bfloat16))
    #expect((measured.arithmetic(.bfloat16) != nil) == (best != "portable"))
  }
}
