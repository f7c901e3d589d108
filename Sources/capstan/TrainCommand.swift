import ArgumentParser
import Collectives
import Configuration
import Doctor
import Foundation
import Runs
import Support
import Tensors
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains the captioner that a configuration describes.",
    discussion: """
      Under mpirun all ranks share each batch, and the result does not depend on how many there are:

        mpirun -n 4 capstan train configs/quickstart.yaml
        capstan train configs/quickstart.yaml \\
          --set train.epochs=2 --set run.directory=runs/short
        mpirun -n 2 capstan train configs/quickstart.yaml --resume auto
        mpirun -n 2 capstan train configs/quickstart.yaml --check-determinism 10

      Ctrl-C, SIGTERM, SIGHUP and SIGUSR1, sent to any rank, finish the step, write a checkpoint and end the run with \
      code 143; SIGUSR2 writes a checkpoint and continues. mpirun answers Ctrl-C and SIGTERM by killing the ranks a second \
      later, so start several with launch/mpirun, or send SIGUSR1 to mpirun, which passes it on.

      `capstan train --keys` lists every key of a configuration with its default.
      """)

  @Argument(help: "The configuration, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Overrides a key of the configuration.", valueName: "key=value"))
  var overrides: [String] = []

  @Option(
    help: ArgumentHelp(
      "Resumes from a checkpoint: “auto” for the run's newest, “intact” for the newest undamaged one, or a path.",
      valueName: "auto|intact|path"), completion: .directory)
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Writes a trace of every rank for chrome://tracing or Perfetto, and prints a table.",
      valueName: "path"), completion: .file())
  var profile: String?

  @Flag(help: "Replaces the trace of --profile.")
  var force = false

  @Option(
    name: .customLong("check-determinism"), defaultAsFlag: 5, parsing: .next,
    help: ArgumentHelp(
      "Runs the next steps twice, compares all bits and exits; writes nothing.", valueName: "steps"))
  var checkedSteps: Int?

  @Flag(help: "Lists the keys of a configuration and exits.")
  var keys = false

  @Flag(help: "Validates the configuration and its files, prints the full configuration and exits.")
  var dryRun = false

  func run() throws {
    // A check has nothing to lose.
    if checkedSteps == nil { RunSignals.install() }
    if keys {
      printKeys()
      return
    }
    guard let config else {
      throw Failure.usage(
        "No configuration was given; name a YAML file, for example configs/quickstart.yaml.")
    }
    let given = try Configuration(contentsOf: config, overrides: overrides)
    let ending = try onAllRanks { communicator in
      let decision = try PrecisionDecision(
        given.train.precision,
        recorded: communicator.isRoot ? resumption.recordedPrecision(in: given.run.directory) : nil,
        communicator)
      // What was found once holds for the whole run.
      var configuration = given
      configuration.train.precision = PrecisionChoice(decision.precision)
      let threads = configuration.run.threads ?? threadsPerRank(communicator)
      let backend = try Backend(threads: threads, precision: decision.precision)
      if dryRun {
        try Trainer.requireStart(
          of: configuration, resume: resumption, communicator: communicator, on: backend)
        if communicator.isRoot { print(try configuration.yaml(), terminator: "") }
        return RunEnding.finished
      }
      if let checkedSteps {
        try checkDeterminism(configuration, checkedSteps, communicator, backend)
        return RunEnding.finished
      }
      return try train(configuration, decision, communicator, backend)
    }
    // What was asked for is not done.
    if ending == .interrupted { throw ExitCode(Failure.Kind.interrupted.rawValue) }
  }

  private func train(
    _ configuration: Configuration, _ decision: PrecisionDecision, _ communicator: Communicator,
    _ backend: Backend
  ) throws -> RunEnding {
    let timeline = Timeline(isRecording: profile != nil)
    try communicator.agree {
      guard let profile, communicator.isRoot else { return }
      try OutputPlace.requireFile(profile, option: "--profile", replacing: force)
    }
    let machine = try MachineReport(communicator, threads: backend.pool.threads, measuring: false)
    let trainer = try Trainer(
      configuration, resume: resumption,
      warnings: machine.problems(usingBLAS: backend.precision == .float32), communicator: communicator,
      timeline: timeline, on: backend)
    if communicator.isRoot, let reason = decision.reason { StandardStreams.say("\(reason)\n") }
    let ending = try trainer.run()
    let gathered = profile.map { (path: $0, contents: Profile(timeline, communicator: communicator)) }
    try communicator.agree {
      guard let gathered, communicator.isRoot else { return }
      try gathered.contents.write(to: gathered.path)
      print(gathered.contents.table)
    }
    guard communicator.isRoot else { return ending }
    let end =
      switch ending {
      case .finished: "finished"
      case .stoppedEarly: "finished early: validation no longer improves"
      case .interrupted: "interrupted; resume with --resume auto"
      }
    StandardStreams.say("\(end)\n")
    return ending
  }

  private func checkDeterminism(
    _ configuration: Configuration, _ steps: Int, _ communicator: Communicator, _ backend: Backend
  ) throws {
    let check = try DeterminismCheck(
      configuration, resume: resumption, communicator: communicator, on: backend)
    let outcome = try check.run(steps: steps) { line in
      if communicator.isRoot { StandardStreams.say("\(line)\n") }
    }
    guard communicator.isRoot else { return }
    let (first, last) = (outcome.steps.lowerBound, outcome.steps.upperBound)
    print(
      "\(first == 1 ? "the first \(last) steps" : "steps \(first) to \(last)") gave the same bits twice; weights and "
        + "moments after them: \(outcome.fingerprint)")
  }

  private var resumption: ResumePolicy {
    switch resume {
    case nil: .never
    case "auto": .automatically
    case "intact": .intact
    case .some(let path): .from(path)
    }
  }

  private func printKeys() {
    for key in Configuration().reference() {
      print("\(key.path): \(key.defaultValue)\n    \(key.help) (\(key.expectation))")
    }
  }
}
