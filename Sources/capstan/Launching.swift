import ArgumentParser
import Collectives
import Configuration
import Foundation
import Support
import Tensors
import Training

extension PrecisionChoice: ExpressibleByArgument {}

/// Runs a command's work on all ranks and turns what is thrown into one sentence and an exit code, once for the job.
@discardableResult
func onAllRanks<Result>(_ body: (Communicator) throws -> Result) throws -> Result {
  BLASCore.correctOrReturn()
  let communicator = try Communicator.world()
  do {
    let result = try body(communicator)
    communicator.finalize()
    return result
  } catch let shared as CollectiveFailure {
    // Said before anybody leaves: mpirun ends the job at the first rank that exits with a code.
    if communicator.isRoot { shared.failure.report() }
    communicator.barrier()
    communicator.finalize()
    throw ExitCode(shared.failure.exitCode)
  } catch {
    // The others do not know of this and may wait for this rank forever.
    let failure = error as? Failure ?? .runtime("\(error)")
    let place = communicator.size > 1 ? " (rank \(communicator.rank))" : ""
    failure.report(place)
    communicator.abort(exitCode: failure.exitCode)
  }
}
