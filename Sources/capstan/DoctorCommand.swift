import ArgumentParser
import Doctor
import Foundation
import Training

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Reports what the machine offers for training, and what slows it down.",
    discussion: """
      Shows the processor, the kernels and the BLAS in use with its speed, memory, MPI, HDF5, and of every \
      rank its host, the cores that it is bound to and the threads that it would use. Ends with what is \
      wrong and how to fix it. Takes about a second; the exit code is 0 whatever is found.

      Launch it as you launch the training:
        capstan doctor
        mpirun -n 4 capstan doctor
        mpirun -n 2 --bind-to none capstan doctor --json
      """
  )

  @Flag(help: "Print a JSON object: what was found, and the problems as an array of sentences.")
  var json = false

  func run() throws {
    try onAllRanks { communicator in
      let examination = try MachineReport(communicator)
      guard communicator.isRoot else { return }
      print(json ? try examination.json : examination.text)
    }
  }
}
