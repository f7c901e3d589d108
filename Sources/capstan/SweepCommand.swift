import ArgumentParser
import Foundation
import Reporting
import Support
import Sweeps
import Training

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Trains a configuration with several values of some keys, and reports.",
    discussion: """
      Every --over is an axis of a grid; every --run is one more set of values, run with each combination of the grid. \
      All are checked before the first begins, with their files. A run that fails does not stop the others. \
      The same command given again skips runs that are finished and resumes those that are not. A table of the \
      results is printed, and the report of the runs that finished is written to report.html in the sweep's directory.

      Ctrl-C, SIGTERM, SIGHUP and SIGUSR1 reach the run that is under way as SIGUSR1 to its launcher, and SIGUSR2 as \
      itself; mpirun, launch/mpirun and srun pass both on.

      Examples:
        capstan sweep configs/flickr8k-finetune.yaml --directory runs/rates \\
          --over optimizer.learning_rate=1e-4,5e-4
        capstan sweep configs/quickstart.yaml --directory runs/seeds \\
          --over run.seed=0,1,2 --launcher "mpirun -n 2"
        capstan sweep configs/quickstart.yaml --directory runs/kinds \\
          --run "model.mapper.kind=mlp" \\
          --run "model.mapper.kind=transformer model.mapper.layers=4"
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var config: String

  @Option(help: "A directory for the runs' directories and the report.", completion: .directory)
  var directory: String

  @Option(help: ArgumentHelp("A key and its values.", valueName: "key=value,value"))
  var over: [String] = []

  @Option(
    name: .customLong("run"), help: ArgumentHelp("Values that go together.", valueName: "key=value key=value")
  )
  var list: [String] = []

  @Option(
    name: .customLong("set"), help: ArgumentHelp("Overrides a key for all runs.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(help: "The command that starts each run, before the program's name.")
  var launcher = ""

  @Flag(help: "Checks and lists the runs, then exits.")
  var dryRun = false

  func run() throws {
    let sweep = try Sweep(
      configuration: config, directory: directory, grid: over, list: list, common: overrides)
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let launcher = launcher.split(separator: " ").map(String.init)
    try sweep.requireStarts(launcher: launcher, program: program)
    if dryRun {
      for run in sweep.runs { print(sweep.directory(of: run)) }
      return
    }
    let report = directory + "/report.html"
    try Report.requirePlace(report, option: "--directory", replacing: false)
    let endings = try sweep.run(launcher: launcher, program: program) { index, run in
      StandardStreams.say("run \(index + 1) of \(sweep.runs.count): \(run.name)\n")
    }
    let records = zip(sweep.runs, endings).map { run, ending in
      ending == 0 ? try? RunRecord(sweep.directory(of: run), name: run.name) : nil
    }
    let finished = records.compactMap(\.self)
    if !finished.isEmpty {
      try Report(finished).write(to: report)
      print(report)
    }
    print(SweepTable(zip(zip(sweep.runs, endings), records).map { ($0.0.name, $0.1, $1) }))
    try sweep.requireSuccess(endings)
  }
}
