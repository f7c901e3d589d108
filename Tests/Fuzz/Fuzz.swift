import ArgumentParser
import Foundation
import Support

/// Has damaged files read, in a process that is started again when one of them ends it.
@main
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads files that are damaged at random, and keeps those that crash, hang or leak.",
    discussion: "A case is repeated with its --reader, its --seed, --first NUMBER and --cases 1.")

  @Option(help: "What reads the files; all one after the other unless given.")
  var reader: FuzzedReader?
  @Option(help: "How many files to read.")
  var cases = 100_000
  @Option(help: "Another seed damages other places.")
  var seed: UInt64 = 1
  @Option(help: "The number of the first case.")
  var first = 0
  @Option(help: "The directory for files that were not refused as they should be.")
  var findings = "fuzz-findings"
  @Option(help: "A file that must be refused, within the limits of a case; nothing else is done.")
  var refuse: String?
  @Option(help: .hidden)
  var child: String?

  /// More are not looked for.
  private static let mostFindings = 20

  func run() throws {
    if let refuse { return try check(refuse) }
    for reader in reader.map({ [$0] }) ?? FuzzedReader.allCases {
      let cases = try FuzzCases(for: reader, seed: seed)
      let numbers = first..<first + self.cases
      if let child {
        try CaseRun(reader: reader, cases: cases, numbers: numbers, files: CaseFiles(in: child)).run()
      } else {
        try supervise(reader, cases, numbers)
      }
    }
  }

  private func check(_ path: String) throws {
    guard let reader = FuzzedReader(forFileAt: path) else {
      throw Failure.usage("\(path) has an ending that no reader is for.")
    }
    try ReadingLimits.limitMemory()
    ReadingLimits.limitTime()
    guard let refusal = try reader.refusal(of: path) else { throw Failure.runtime("\(path) was read.") }
    print(refusal)
  }

  private func supervise(_ reader: FuzzedReader, _ cases: FuzzCases, _ numbers: Range<Int>) throws {
    let directory = "/dev/shm/fuzz-\(getpid())"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var next = numbers.lowerBound
    var found = 0
    while next < numbers.upperBound, found < Self.mostFindings {
      let process = try Process.run(
        URL(fileURLWithPath: "/proc/self/exe"),
        arguments: [
          "--reader", reader.rawValue, "--seed", "\(seed)", "--first", "\(next)",
          "--cases", "\(numbers.upperBound - next)", "--child", directory,
        ])
      process.waitUntilExit()
      if process.terminationReason == .exit, process.terminationStatus == 0 { break }
      guard let number = CaseFiles(in: directory).number else { throw ExitCode.failure }
      try save(cases.input(number), as: "\(reader.rawValue)-\(seed)-\(number)", after: process)
      found += 1
      next = number + 1
    }
    print("\(reader.rawValue): seed \(seed), cases \(numbers): \(found == 0 ? "no" : "\(found)") findings")
    if found > 0 { throw ExitCode.failure }
  }

  private func save(_ input: [UInt8], as name: String, after process: Process) throws {
    let end =
      switch (process.terminationReason, process.terminationStatus) {
      case (.uncaughtSignal, SIGPROF), (.uncaughtSignal, SIGALRM): "hangs"
      case (.uncaughtSignal, let signal): "crashes with signal \(signal)"
      default: "fails"
      }
    try FileManager.default.createDirectory(atPath: findings, withIntermediateDirectories: true)
    try Data(input).write(to: URL(fileURLWithPath: "\(findings)/\(name)"))
    print("\(findings)/\(name) \(end)")
  }
}
