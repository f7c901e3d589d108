import Foundation
import Testing

@testable import FileFormats

@Suite struct ZipArchiveTests {
  @Test(arguments: [
    ("truncated", "truncated"), ("checksum", "checksum"), ("size", "the checksum or the size"),
    ("offset", "truncated or damaged"), ("encrypted", "encrypted"), ("method", "compressed by method 12"),
    ("inflates-beyond", "does not inflate"), ("bomb", "zip bomb"), ("overlap", "claim more bytes"),
    ("twice", "two entries named a.npy"),
  ])
  func refusals(_ name: String, _ part: String) throws {
    let bytes = try FormatsGolden.bytes("refused-\(name).npz")
    expectRefusal(part, of: name) {
      let archive = try ZipArchive(bytes, name: name)
      for entry in archive.entries.values { _ = try archive.contents(of: entry) }
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try FormatsGolden.bytes("deflated.npz")
    for count in 0..<bytes.count {
      expectRefusal("truncated", of: "\(count) bytes") {
        _ = try ZipArchive(bytes.prefix(count), name: "cut.npz")
      }
    }
  }
}
