import Support
import Testing

@testable import Collectives

@Suite struct SingletonTests {
  @Test(arguments: [
    ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4"], ["PMI_SIZE": "4"],
  ])
  func tasksThatDoNotSeeEachOtherAreRefused(_ environment: [String: String]) {
    for size in [1, 2] {
      let failure = #expect(throws: Failure.self) { try Communicator.requireWhole(size, environment) }
      #expect(failure?.description.contains("each sees a world of \(size) rank") == true)
    }
    #expect(throws: Never.self) { try Communicator.requireWhole(4, environment) }
  }

  @Test(arguments: [
    [:], ["SLURM_STEP_NUM_TASKS": "4"], ["SLURM_STEP_ID": "4294967291", "SLURM_STEP_NUM_TASKS": "4"],
  ])
  func theBatchScriptItselfMayRunAlone(_ environment: [String: String]) {
    #expect(throws: Never.self) { try Communicator.requireWhole(1, environment) }
  }
}
