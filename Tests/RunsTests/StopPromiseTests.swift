import Testing

@testable import Runs

@Suite struct StopPromiseTests {
  /// Said where `mpirun` started the ranks and nothing waits for them.
  @Test func mpirunByItselfPromisesNothing() throws {
    let byMpirun = ["OMPI_COMMAND": "capstan", "OMPI_COMM_WORLD_SIZE": "2"]
    let warning = try #require(StopPromise.warning(byMpirun))
    #expect(warning.contains("launch/mpirun") && warning.contains("kill -USR1"))
    #expect(StopPromise.warning(byMpirun.merging(StopPromise.kept) { $1 }) == nil)
    #expect(StopPromise.warning([:]) == nil)
    // srun
    #expect(StopPromise.warning(["PMIX_RANK": "0", "SLURM_STEP_ID": "0"]) == nil)
  }
}
