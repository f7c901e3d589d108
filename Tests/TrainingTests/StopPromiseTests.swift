import Testing

@testable import Training

@Suite struct StopPromiseTests {
  /// Said where `mpirun` started the ranks and nothing waits for them.
  @Test func mpirunByItselfPromisesNothing() throws {
    let byMpirun = ["OMPI_COMMAND": "capstan", "OMPI_COMM_WORLD_SIZE": "2"]
    let complaint = try #require(StopPromise.complaint(byMpirun))
    #expect(complaint.contains("launch/mpirun") && complaint.contains("kill -USR1"))
    #expect(StopPromise.complaint(byMpirun.merging(StopPromise.kept) { $1 }) == nil)
    #expect(StopPromise.complaint([:]) == nil)
    // srun
    #expect(StopPromise.complaint(["PMIX_RANK": "0", "SLURM_STEP_ID": "0"]) == nil)
  }
}
