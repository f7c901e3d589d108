import Foundation

/// One `mpirun` of `capstan train`.
final class Job {
  /// What a job leaves behind.
  struct Ending {
    let code: Int32
    let log: String

    /// The sentences in which Capstan itself complains.
    var complaints: [Substring] {
      log.split(separator: "\n").filter { $0.firstMatch(of: Self.warning) != nil }
    }

    nonisolated(unsafe) private static let warning = #/^capstan( \(rank \d+\))?: /#
  }

  /// Longer than the slowest machine needs, by far.
  private static let limit = Duration.seconds(150)

  /// How many there are to be.
  let size: Int
  private let process = Process()
  private let log: String
  private var known: [Int: pid_t] = [:]
  private let start = ContinuousClock.now

  init(
    _ workload: Workload, _ kind: Workload.Kind, in directory: String, ranks: Int, options: [String] = [],
    environment: [String: String] = [:], log: String
  ) throws {
    self.log = log
    size = ranks
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let overrides = (["run.directory=\(directory)"] + workload.overrides(of: kind)).flatMap { ["--set", $0] }
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["mpirun", "-n", "\(ranks)", "--oversubscribe", "--bind-to", "none", workload.capstan, "train"]
      + [workload.configuration] + overrides + options
    let asRoot = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
    process.environment = ProcessInfo.processInfo.environment.merging(asRoot) { $1 }.merging(environment) {
      $1
    }
    process.standardInput = FileHandle.nullDevice
    let output = FileHandle(forWritingAtPath: log)
    process.standardOutput = output
    process.standardError = output
    try process.run()
  }

  var isRunning: Bool { process.isRunning }
  /// `env` becomes it.
  var mpirun: pid_t { process.processIdentifier }

  /// The processes of the ranks that have begun, by rank, also when mpirun has left them.
  var ranks: [Int: pid_t] {
    let text = (try? String(contentsOfFile: "/proc/\(mpirun)/task/\(mpirun)/children", encoding: .utf8)) ?? ""
    for pid in text.split(separator: " ").compactMap({ pid_t($0) }) where !known.values.contains(pid) {
      if let rank = Self.rank(of: pid) { known[rank] = pid }
    }
    return known
  }

  private static func rank(of pid: pid_t) -> Int? {
    let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
    let key = "OMPI_COMM_WORLD_RANK="
    return environment.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      .first { $0.hasPrefix(key) }.flatMap { Int($0.dropFirst(key.count)) }
  }

  /// Returns when all of it has ended, ranks included.
  /// - Throws: ``Verdict`` when that takes too long; then it is killed.
  func wait() throws -> Ending {
    while isRunning || ranks.values.contains(where: Self.isAlive) {
      guard ContinuousClock.now - start < Self.limit else {
        for pid in [mpirun] + ranks.values where Self.isAlive(pid) { kill(pid, SIGKILL) }
        throw Verdict("It hangs.")
      }
      usleep(5_000)
    }
    return Ending(code: process.terminationStatus, log: printed)
  }

  /// What it has printed so far.
  var printed: String {
    FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Neither gone nor waiting to be.
  private static func isAlive(_ pid: pid_t) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return !(status.split(separator: ")").last?.hasPrefix(" Z") ?? true)
  }
}
