import CZlib
import Foundation
import Support
import Testing

@testable import FileFormats

@Suite struct PNGTests {
  /// 3×2: red, green, blue; black, grey, white.
  private let pixels: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 128, 128, 128, 255, 255, 255]

  @Test func chunksHoldTheHeaderAndThePixels() throws {
    let chunks = try chunks(of: PNG.encode(pixels: pixels, width: 3, height: 2))
    #expect(chunks.map(\.type) == ["IHDR", "IDAT", "IEND"])
    #expect(chunks[0].content == [0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0])
    var lines = [UInt8](repeating: 0xff, count: 100)
    var count = uLong(lines.count)
    #expect(uncompress(&lines, &count, chunks[1].content, uLong(chunks[1].content.count)) == Z_OK)
    let expected: [UInt8] = [0] + pixels[..<9] + [0] + pixels[9...]
    #expect(Array(lines.prefix(Int(count))) == expected)
  }

  /// The end chunk is the same in every PNG file (ISO/IEC 15948, 11.2.5).
  @Test func endsWithTheWellKnownBytes() throws {
    let file = try PNG.encode(pixels: pixels, width: 3, height: 2)
    #expect(file.prefix(8) == Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    #expect(file.suffix(12) == Data([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]))
  }

  @Test(arguments: [(0, 2), (3, 1), (-3, -2), (.max, .max)]) func sizesMustFitThePixels(
    _ width: Int, _ height: Int
  ) {
    #expect(throws: Failure.self) { try PNG.encode(pixels: pixels, width: width, height: height) }
  }

  /// Cuts a file into chunks and checks their checksums.
  private func chunks(of file: Data) throws -> [(type: String, content: [UInt8])] {
    var rest = Array(file.dropFirst(8))[...]
    func bigEndian(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
    var chunks: [(String, [UInt8])] = []
    while !rest.isEmpty {
      let length = bigEndian(rest.prefix(4))
      let body = Array(rest.dropFirst(4).prefix(4 + length))
      #expect(bigEndian(rest.dropFirst(8 + length).prefix(4)) == Int(crc32_z(0, body, body.count)))
      chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
      rest = rest.dropFirst(12 + length)
    }
    return chunks
  }
}
