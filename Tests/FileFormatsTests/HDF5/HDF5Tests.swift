import Dispatch
import Foundation
import Support
import Testing

@testable import FileFormats

@Suite struct HDF5Tests {
  /// `Golden/HDF5/make.py` writes this file with h5py.
  private static let golden = GoldenFolder.path.appending(path: "HDF5/types.h5").path

  private func withTemporaryFile(_ body: (_ path: String) throws -> Void) rethrows {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).h5").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func expectBadData(
    _ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    let failure = #expect(throws: Failure.self, sourceLocation: sourceLocation) { try body() }
    #expect(failure?.kind == .badData, sourceLocation: sourceLocation)
    #expect(failure?.description.contains(words) == true, sourceLocation: sourceLocation)
  }

  // MARK: Attributes

  @Test func attributesOfEachType() throws {
    let file = try HDF5File(path: Self.golden)
    #expect(try file.string(attribute: "variable") == "Straße")
    #expect(try file.string(attribute: "fixed") == "Straße")
    #expect(try file.string(attribute: "padded") == "ab")
    #expect(try file.string(attribute: "empty") == "")
    #expect(try file.integer(attribute: "int32") == -7)
    #expect(try file.integer(attribute: "uint8") == 200)
    #expect(try file.integer(attribute: "one") == 1)
    #expect(try file.bool(attribute: "true"))
    #expect(try !file.bool(attribute: "false"))
    #expect(try file.bool(attribute: "int32"))
    #expect(try file.hasAttribute("float") && !file.hasAttribute("Float"))
  }

  @Test func attributesThatAreNotWhatIsAsked() throws {
    let file = try HDF5File(path: Self.golden)
    expectBadData("no attribute other") { _ = try file.string(attribute: "other") }
    expectBadData("int32 with 1 elements") { _ = try file.string(attribute: "int32") }
    expectBadData("string with 1 elements") { _ = try file.integer(attribute: "variable") }
    expectBadData("float64 with 1 elements") { _ = try file.bool(attribute: "float") }
    expectBadData("int64 with 2 elements") { _ = try file.integer(attribute: "two") }
    expectBadData("string with 0 elements") { _ = try file.string(attribute: "nothing") }
  }

  // MARK: Datasets

  @Test func datasetsOfEachLayout() throws {
    let file = try HDF5File(path: Self.golden)
    #expect(try file.dataset("/group/int16").integers().all() == [-2, -1, 0, 1, 2])
    #expect(try file.dataset("/gzip").integers().all() == Array(0..<1000))
    #expect(try file.dataset("/strings").strings().all() == (0..<150).map { ["a", "ß", ""][$0 % 3] })
    #expect(try file.dataset("/empty").integers().all() == [])
    #expect(try file.dataset("/matrix").shape == [2, 3])
    #expect(try file.dataset("/matrix").elementType == .float32)
    #expect(try file.dataset("/scalar").shape == [])
    #expect(try file.dataset("/matrix").region().bytes() == Array(repeating: 0, count: 24))
  }

  @Test func datasetsThatAreNotWhatIsAsked() throws {
    let file = try HDF5File(path: Self.golden)
    expectBadData("no dataset /other") { _ = try file.dataset("/other") }
    expectBadData("no dataset /group") { _ = try file.dataset("/group") }
    expectBadData("float32 of the shape [3]") { _ = try file.dataset("/floats").strings() }
    expectBadData("float32 of the shape [3]") { _ = try file.dataset("/floats").integers() }
    expectBadData("string of the shape [150]") { _ = try file.dataset("/strings").integers() }
    expectBadData("int64 of the shape []") { _ = try file.dataset("/scalar").integers() }
    expectBadData("nothing was written") { _ = try file.dataset("/boundless").integers() }
    expectBadData("nothing was written") { _ = try file.dataset("/unwritten").region() }
    expectBadData("chunked") { _ = try file.dataset("/gzip").region() }
  }

  @Test func whatIsWrittenIsRead() throws {
    let strings = (0..<3000).map { String(repeating: "ü", count: $0 % 70) }
    try withTemporaryFile { path in
      let writer = try HDF5Writer(creating: path)
      try writer.set(attribute: "text", to: "größer")
      try writer.set(attribute: "number", to: -3)
      try writer.set(attribute: "yes", to: true)
      try writer.set(attribute: "no", to: false)
      try writer.write(
        ArrayEntry(name: "/half", shape: [2, 1], element: .float16) { sink in
          for bits in [UInt16(0x3C00), 0x4000] { try withUnsafeBytes(of: bits, sink) }
        })
      try writer.write(ArrayEntry(name: "/deep/er/single", shape: [1, 2, 2], floats: [1, 2, 3, 4]))
      try writer.write(strings, as: "/deep/strings")
      try writer.write([Int](), as: "/none")
      try writer.write([-1, .max, .min], as: "/integers")
      try writer.close()

      let file = try HDF5File(path: path)
      #expect(try file.string(attribute: "text") == "größer")
      #expect(try file.integer(attribute: "number") == -3)
      #expect(try file.bool(attribute: "yes") && !file.bool(attribute: "no"))
      #expect(try file.dataset("/half").elementType == .float16)
      #expect(try file.dataset("/half").region().bytes() == [0, 0x3C, 0, 0x40])
      #expect(try file.dataset("/deep/er/single").shape == [1, 2, 2])
      #expect(try file.dataset("/deep/strings").strings().all() == strings)
      #expect(try file.dataset("/none").integers().all() == [])
      #expect(try file.dataset("/integers").integers().all() == [-1, .max, .min])
    }
  }

  /// Collections of strings that are no longer kept are read again.
  @Test func stringsAreReadInAnyOrder() throws {
    let strings = (0..<20_000).map { "\($0) " + String(repeating: "x", count: $0 % 300) }
    try withTemporaryFile { path in
      let writer = try HDF5Writer(creating: path)
      try writer.write(strings, as: "/strings")
      try writer.write([Int](0..<5000), as: "/integers")
      try writer.close()
      let file = try HDF5File(path: path)
      let column = try file.dataset("/strings").strings()
      #expect(column.count == strings.count)
      for index in [0, 19_999, 4095, 4096, 7, 12_345] {
        #expect(try column.string(at: index) == strings[index])
      }
      var seen: [String] = []
      try column.forEachPiece(with: column) { first, some, others in
        #expect(first == seen.count && some == others)
        seen += some
      }
      #expect(seen == strings)
      let integers = try file.dataset("/integers").integers()
      #expect(try integers.integer(at: 4999) == 4999 && integers.integers(3..<6) == [3, 4, 5])
    }
  }

  /// Where a mapping would end the program by a signal.
  @Test func aFileThatIsCutShortMeanwhileIsAFailure() throws {
    try withTemporaryFile { path in
      let writer = try HDF5Writer(creating: path)
      try writer.write((0..<5000).map { "\($0)" }, as: "/strings")
      try writer.write([Int](0..<5000), as: "/integers")
      try writer.close()
      let file = try HDF5File(path: path)
      let (strings, integers) = try (file.dataset("/strings").strings(), file.dataset("/integers").integers())
      let region = try file.dataset("/integers").region()
      #expect(truncate(path, 4096) == 0)
      expectBadData("cut short") { _ = try strings.all() }
      expectBadData("cut short") { _ = try integers.integer(at: 4999) }
      expectBadData("cut short") { _ = try region.bytes() }
    }
  }

  // MARK: The library

  @Test func manyThreadsAtOnce() {
    DispatchQueue.concurrentPerform(iterations: 16) { _ in
      do {
        let file = try HDF5File(path: Self.golden)
        #expect(try file.dataset("/gzip").integers().all() == Array(0..<1000))
        #expect(throws: Failure.self) { try file.dataset("/other") }
      } catch { Issue.record(error) }
    }
  }

  /// HDF5's descriptor goes on to every child that is started meanwhile, and the lock with it.
  @Test func aFileThatIsClosedIsFreeThoughAChildHasItsDescriptor() throws {
    try withTemporaryFile { path in
      let writer = try HDF5Writer(creating: path)
      var child = pid_t()
      let arguments = [strdup("sleep"), strdup("60"), nil]
      defer { for argument in arguments { free(argument) } }
      #expect(posix_spawnp(&child, "sleep", nil, nil, arguments, environ) == 0)
      defer {
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
      }
      try writer.close()
      _ = try HDF5File(path: path)
    }
  }

  /// HDF5 takes a lock with flock(2), exclusive for writing and shared for reading.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["HDF5_USE_FILE_LOCKING"] == nil))
  func writersAndReadersKeepEachOtherOut() throws {
    try withTemporaryFile { path in
      try HDF5Writer(creating: path).close()
      let other = open(path, O_RDWR)
      defer { close(other) }
      #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
      expectBadData("open for writing") { _ = try HDF5File(path: path) }
      #expect(flock(other, LOCK_UN) == 0)
      let file = try HDF5File(path: path)
      withExtendedLifetime(file) { #expect(flock(other, LOCK_EX | LOCK_NB) != 0) }
    }
  }
}
