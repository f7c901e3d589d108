import Foundation
import Testing

/// Runs the program `fuzz`, in whose process readers have one second and little memory for a file.
@Suite struct FuzzTests {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  /// All files that are there to be refused.
  static let hostileFiles: [String] = {
    let files = FileManager.default
    let folders = [
      "FuzzTests/Hostile", "FileFormatsTests/Golden/Formats", "FileFormatsTests/Golden/Safetensors",
    ]
    return folders.flatMap { folder in
      let names = (try? files.contentsOfDirectory(atPath: tests.appending(path: folder).path)) ?? []
      return names.sorted().filter { name in
        folder.hasSuffix("Hostile")
          ? !name.hasPrefix("make.") && !name.hasPrefix("requirements.")
          : name.hasPrefix("hostile-") || name.hasPrefix("refused-")
      }.map { "\(folder)/\($0)" }
    }
  }()

  /// What the program says, and how it ends.
  private func fuzz(_ arguments: String...) throws -> (output: String, status: Int32) {
    let process = Process()
    let products = try #require(Bundle.main.executableURL).deletingLastPathComponent()
    process.executableURL = products.appending(path: "fuzz")
    process.arguments = arguments
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let signal = process.terminationReason == .uncaughtSignal ? 128 : 0
    return (String(decoding: output, as: UTF8.self), process.terminationStatus + Int32(signal))
  }

  @Test(arguments: hostileFiles) func hostileFilesAreRefused(_ file: String) throws {
    let (output, status) = try fuzz("--refuse", Self.tests.appending(path: file).path)
    #expect(status == 0, "\(output)")
  }

  @Test func thereAreHostileFiles() { #expect(Self.hostileFiles.count > 200) }

  @Test func anHonestFileIsNotTakenForARefusedOne() throws {
    let (output, status) = try fuzz(
      "--refuse", Self.tests.appending(path: "FileFormatsTests/Golden/Safetensors/several.safetensors").path)
    #expect(status == 1 && output.contains("was read"))
  }

  @Test(arguments: [
    "safetensors", "pickle", "numpy", "tables", "json", "parquet", "store", "gguf", "tokenizer",
  ])
  func damagedFilesAreRefused(_ reader: String) throws {
    let (output, status) = try fuzz("--reader", reader, "--cases", "300", "--seed", "7")
    #expect(status == 0 && output.contains("no findings"), "\(output)")
  }

  /// Each in a process of HDF5's library.
  @Test func damagedHDF5FilesAreRefused() throws {
    let (output, status) = try fuzz("--reader", "hdf5", "--cases", "60", "--seed", "31", "--first", "50")
    #expect(status == 0 && output.contains("no findings"), "\(output)")
  }
}
