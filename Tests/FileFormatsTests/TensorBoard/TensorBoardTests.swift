import Foundation
import Support
import Testing

@testable import FileFormats

@Suite struct TensorBoardTests {
  private func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("tb-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }

  private func contents(_ directory: String) throws -> [Data] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted().map {
      try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\($0)"))
    }
  }

  /// RFC 3720, appendix B.4, and the usual check value.
  @Test func checksums() {
    #expect(CRC32C.checksum(of: []) == 0)
    #expect(CRC32C.checksum(of: "123456789".utf8) == 0xe306_9283)
    #expect(CRC32C.checksum(of: repeatElement(0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.checksum(of: repeatElement(0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.checksum(of: 0..<32) == 0x46dd_794e)
  }

  @Test func writesWhatTensorBoardWrites() throws {
    let golden = try #require(Bundle.module.resourceURL)
      .appendingPathComponent("Golden/TensorBoard/events.bin")
    try withDirectory { directory in
      let writer = try TensorBoardWriter(directory: directory, resumingAt: 300, wallTime: 1_700_000_000.25)
      try writer.scalar("train/loss", 2.718281828459045, step: 300, wallTime: 1_700_000_001.5)
      try writer.scalar("train/learning_rate", 2e-5, step: 1 << 40, wallTime: 1_700_000_002.5)
      try writer.scalar("Prüfung/Verlust", .nan, step: 301, wallTime: 1_700_000_003.5)
      try writer.scalar("validation/loss", 0, step: 302, wallTime: 1_700_000_004.5)
      try writer.scalar(
        "long/" + String(repeating: "x", count: 200), -1e300, step: 303, wallTime: 1_700_000_005.5)
      try writer.close()
      #expect(try contents(directory) == [Data(contentsOf: golden)])
    }
  }

  @Test func laterWriterOpensItsOwnFile() throws {
    try withDirectory { directory in
      try TensorBoardWriter(directory: directory, wallTime: 1_700_000_000).close()
      try TensorBoardWriter(directory: directory, wallTime: 1_700_000_001).close()
      let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
      try #require(names.count == 2)
      #expect(names[0].hasPrefix("events.out.tfevents.1700000000."))
      #expect(names[1].hasPrefix("events.out.tfevents.1700000001."))
    }
  }

  @Test func flushMakesPointsVisible() throws {
    try withDirectory { directory in
      let writer = try TensorBoardWriter(directory: directory)
      let before = try contents(directory)
      try writer.scalar("train/loss", 1, step: 1)
      try writer.flush()
      #expect(try contents(directory)[0].count > before[0].count)
    }
  }

  @Test func unwritableDirectoryIsAFailure() {
    #expect(throws: Failure.self) { try TensorBoardWriter(directory: "/dev/null/tensorboard") }
  }
}
