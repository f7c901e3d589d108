import FileFormats
import Foundation
import Support

/// Has HDF5's own library read a file of others, in a process of its own: the library crashes or hangs on some damaged
/// files, and that must end the process but not us. It hands over what it has read as `.npy` files, which are checked as
/// any others.
public struct HDF5Child: Sendable {
  /// The command of `capstan` that answers.
  public static let command = "hdf5-read"

  let path: String
  /// The path of `capstan`.
  let program: String
  /// Seconds after which the child is ended; nil: twice those of computing that it may take.
  var timeLimit: Double?

  public init(path: String, program: String) {
    self.path = path
    self.program = program
  }

  /// The path of the program that runs.
  public static var thisProgram: String {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
  }

  public func listing() throws -> HDF5Listing {
    try run([]) { folder in
      guard let data = FileManager.default.contents(atPath: Self.listing(in: folder)),
        let listing = try? JSONDecoder().decode(HDF5Listing.self, from: data)
      else { throw unreadable("wrote nothing") }
      return listing
    }
  }

  /// The elements of some datasets.
  func arrays(_ names: [String]) throws -> [NumpyArray] {
    try run(names.flatMap { ["--dataset", $0] }) { folder in
      try names.enumerated().map { index, name in
        try NumpyArray(Data(mapping: Self.array(index, in: folder)), name: "\(path): \(name)")
      }
    }
  }

  /// All datasets of a group as one array, a row for each, in the order of the listing.
  func rows(ofGroup name: String) throws -> NumpyArray {
    try run(["--rows", name]) { folder in
      try NumpyArray(Data(mapping: Self.array(0, in: folder)), name: "\(path): \(name)")
    }
  }

  // MARK: - In the child

  /// Does what the child is asked to: writes files into `folder`, and a sentence there where it cannot.
  ///
  /// - Parameters:
  ///   - rows: a group whose datasets become one array, each a row.
  ///   - datasets: those that become an array each; without any, the listing is written.
  public static func answer(file: String, folder: String, datasets: [String], rows: String?) throws {
    limitResources(fileSize: (try? Data(mapping: file).count) ?? 0)
    do {
      let content = try HDF5LibraryFile(path: file)
      if let rows {
        let names = try content.listing().datasets.filter { $0.group == rows }.map(\.name)
        try content.writeRows(names, to: array(0, in: folder))
      } else if datasets.isEmpty {
        try JSONEncoder().encode(content.listing()).write(to: URL(fileURLWithPath: listing(in: folder)))
      } else {
        for (index, name) in datasets.enumerated() { try content.write(name, to: array(index, in: folder)) }
      }
    } catch let failure as Failure {
      try Data(failure.description.utf8).write(to: URL(fileURLWithPath: refusal(in: folder)))
      throw failure
    }
  }

  /// No core dump, 4 GiB of memory beyond what it has, and a time of computing that grows with the file.
  private static func limitResources(fileSize: Int) {
    func limit(_ resource: __rlimit_resource, to most: Int) {
      var limit = rlimit(rlim_cur: rlim_t(most), rlim_max: rlim_t(most))
      setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }
    let used =
      SystemFile("/proc/self/statm").words.first.flatMap { Int($0) }.map { $0 * Int(getpagesize()) } ?? 0
    limit(RLIMIT_CORE, to: 0)
    limit(RLIMIT_AS, to: used + 4 << 30)
    limit(RLIMIT_CPU, to: Int(seconds(fileSize: fileSize)))
  }

  /// Far more than it takes: 10 MB a second.
  private static func seconds(fileSize: Int) -> Double { 30 + Double(fileSize) / 10e6 }

  private static func listing(in folder: String) -> String { "\(folder)/listing.json" }
  private static func refusal(in folder: String) -> String { "\(folder)/refusal.txt" }
  private static func array(_ index: Int, in folder: String) -> String { "\(folder)/\(index).npy" }

  // MARK: - The parent

  /// Starts the child and gives `body` the folder with what it has written, which stays as long as `body` takes.
  private func run<Result>(_ arguments: [String], _ body: (_ folder: String) throws -> Result) throws
    -> Result
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: "capstan-\(UUID().uuidString)").path
    try DurableFile.makeDirectory(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = [Self.command, path, "--out", folder] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    do { try process.run() } catch {
      throw Failure.runtime("\(program) could not be started to read \(path): \(error.localizedDescription).")
    }
    let limit = try timeLimit ?? 2 * Self.seconds(fileSize: Data(mapping: path).count)
    if ended.wait(timeout: .now() + limit) == .timedOut {
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
      throw unreadable("took longer than \(Int(limit)) seconds")
    }
    guard process.terminationReason == .exit else {
      throw unreadable("ended with signal \(process.terminationStatus)")
    }
    if let refusal = try? String(contentsOfFile: Self.refusal(in: folder), encoding: .utf8) {
      throw Failure.badData(refusal)
    }
    guard process.terminationStatus == 0 else {
      throw unreadable("ended with code \(process.terminationStatus)")
    }
    return try body(folder)
  }

  private func unreadable(_ finding: String) -> Failure {
    .badData(
      "\(path) cannot be read: HDF5's library \(finding), as it does on damaged files; copy the file again or recreate it."
    )
  }
}
