import Foundation
import Testing

@testable import Storage

/// What TensorBoard 2.21's own RecordWriter and protocol buffers make of the events below.
private let golden = """
  1800000000000000a37f4b22090000a0b48065d2411a0d627261696e2e4576656e743a32f5e8f0161000000000000000
  95fbfe18090000a0b48065d24110ac023a0208010cab6b732100000000000000017becf6090000d0b48065d24110ac02
  2a130a110a0a747261696e2f6c6f7373150000204064a9bede2100000000000000017becf609000000b58065d24110ad
  022a130a110a0a747261696e2f6c6f73731500000000b95b04bb
  """.filter { !$0.isWhitespace }

@Suite struct TensorBoardTests {
  private let directory = NSTemporaryDirectory() + "tensorboard-\(UUID().uuidString)/logs"

  @Test func writesTheBytesThatTensorBoardItselfWrites() throws {
    let writer = try TensorBoardWriter(directory: directory, startingAt: 300, wallTime: 1_234_567_890.5)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    writer.scalar("train/loss", 2.5, step: 300, wallTime: 1_234_567_891.25)
    writer.scalar("train/loss", 0, step: 301, wallTime: 1_234_567_892)
    try writer.close()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: writer.path))
    #expect(bytes.map { String(format: "%02x", $0) }.joined() == golden)
  }

  @Test func aSecondRunOpensAFileOfItsOwn() throws {
    defer { try? FileManager.default.removeItem(atPath: directory) }
    for _ in 0..<2 { try TensorBoardWriter(directory: directory, wallTime: 1_234_567_890).close() }
    let names = try FileManager.default.contentsOfDirectory(atPath: directory)
    #expect(names.count == 2)
    #expect(names.allSatisfy { $0.hasPrefix("events.out.tfevents.1234567890.") })
  }

  /// RFC 3720, appendix B.4.
  @Test func castagnoliChecksums() {
    #expect(crc32c(Data(repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(crc32c(Data(repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(crc32c(Data(0..<32)) == 0x46dd_794e)
  }
}
