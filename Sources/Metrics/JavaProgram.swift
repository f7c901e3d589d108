import Foundation
import Support

/// A program in a jar, run as a child that reads files and writes files, so that no pipe can block it or
/// us, and that is ended when it takes too long.
struct JavaProgram {
  /// For messages, such as METEOR.
  let name: String
  private let jar: URL
  private let java: URL

  /// - Throws: `Failure.usage` when the jar or Java is not there.
  init(_ name: String, jar path: String, environment: [String: String] = ProcessInfo.processInfo.environment)
    throws
  {
    guard let kind = FileKind(following: path), kind != .directory else {
      throw Failure.usage(
        "\(path) is not there to compute \(name) with; name \(name)'s jar, which the Python package "
          + "pycocoevalcap carries in its folder \(name.lowercased()).")
    }
    let folders = environment["PATH", default: ""].split(separator: ":")
    let candidates = folders.map { URL(fileURLWithPath: "\($0)/java") }
    guard let java = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
      throw Failure.usage(
        "There is no java on the PATH to compute \(name) with; install a Java runtime (Debian: apt install "
          + "default-jre-headless) or leave \(name) out.")
    }
    self.name = name
    self.jar = URL(fileURLWithPath: path)
    self.java = java
  }

  /// Runs the jar in its own folder, and returns what it printed.
  ///
  /// - Parameters:
  ///   - memory: most memory of the Java machine, such as `2G`.
  ///   - timeLimit: seconds after which the child is killed.
  /// - Throws: `Failure.runtime` when it fails or takes too long.
  func run(_ arguments: [String], memory: String, input: String = "", timeLimit: Double) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "capstan-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let remove: @Sendable () -> Void = { try? FileManager.default.removeItem(at: folder) }
    defer { remove() }
    return try Cleanup.onSignal(remove) {
      try run(arguments, memory: memory, input: input, timeLimit: timeLimit, in: folder)
    }
  }

  /// - Parameter folder: for what goes in and comes out.
  private func run(
    _ arguments: [String], memory: String, input: String, timeLimit: Double, in folder: URL
  ) throws -> String {
    let files = ["input", "output", "errors"].map { folder.appending(path: $0) }
    for file in files { try Data(file == files[0] ? input.utf8 : "".utf8).write(to: file) }

    let process = Process()
    process.executableURL = java
    process.arguments = ["-Xmx\(memory)", "-jar", jar.lastPathComponent] + arguments
    process.currentDirectoryURL = jar.deletingLastPathComponent()
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    do { try process.run() } catch {
      throw Failure.runtime(
        "\(java.path) could not be started to compute \(name): \(error.localizedDescription)")
    }
    let pid = process.processIdentifier
    let isLate = Cleanup.onSignal {
      Self.end(pid)
    } during: {
      ended.wait(timeout: .now() + timeLimit) == .timedOut
    }
    if isLate {
      kill(pid, SIGKILL)
      ended.wait()
      throw Failure.runtime(
        "\(name) took longer than \(Int(timeLimit)) seconds and was ended; leave it out, or score fewer "
          + "images at a time.")
    }
    guard process.terminationStatus == 0 else {
      let errors = try String(decoding: Data(contentsOf: files[2]), as: UTF8.self)
      let line = errors.split(separator: "\n").first.map { "said “\($0)”" } ?? "said nothing"
      throw Failure.runtime(
        "\(name) ended with status \(process.terminationStatus) and \(line); check its jar, the memory, and "
          + "the files that it needs beside it.")
    }
    return try String(decoding: Data(contentsOf: files[1]), as: UTF8.self)
  }

  /// Ends a child: in good order, for Java keeps files of its own, if it does so within two seconds.
  private static func end(_ pid: pid_t) {
    kill(pid, SIGTERM)
    for _ in 0..<100 where kill(pid, 0) == 0 { usleep(20_000) }
    kill(pid, SIGKILL)
  }

  /// Seconds that a program may take for some images: far more than it needs.
  static func timeLimit(images: Int) -> Double { 600 + Double(images) }
}
