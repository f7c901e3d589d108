import ArgumentParser
import Collectives
import Essentials
import Foundation
import Tensors
import Training

/// Runs a command's work on all ranks and turns what is thrown into one sentence and an exit code, once for the job.
func onAllRanks(_ body: (Communicator) throws -> Void) throws {
  BLASCore.correctOrReturn()
  let communicator = try Communicator.world()
  do {
    try body(communicator)
    communicator.finalize()
  } catch let shared as SharedFailure {
    communicator.finalize()
    if communicator.isRoot { throw shared.failure }
    throw ExitCode(shared.failure.exitCode)
  } catch {
    // The others do not know of this and may wait for this rank for ever.
    let failure = error as? Failure ?? .runtime("\(error)")
    let place = communicator.size > 1 ? " (rank \(communicator.rank))" : ""
    FileHandle.standardError.write(Data("capstan\(place): \(failure)\n".utf8))
    communicator.abort(exitCode: failure.exitCode)
  }
}
