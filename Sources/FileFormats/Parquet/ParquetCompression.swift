import CSnappy
import CZlib
import CZstd
import Foundation
import Support

/// How the pages of a column are compressed.
enum ParquetCompression: Int {
  case none = 0
  case snappy = 1
  case gzip = 2
  case zstd = 6

  /// - Throws: `Failure.badData` for those that are not read.
  init(code: Int?, path: String) throws {
    guard let code, let known = Self(rawValue: code) else {
      let names = [3: "LZO", 4: "Brotli", 5: "LZ4", 7: "LZ4"]
      throw Failure.badData(
        "\(path) is compressed with \(code.flatMap { names[$0] } ?? "an unknown method"), but snappy, zstd, gzip and none are "
          + "read; write it again, in pandas with to_parquet(path, compression=\"zstd\").")
    }
    self = known
  }

  /// - Returns: nil unless the bytes are whole and make exactly `size` bytes.
  func decompress(_ bytes: Data, size: Int) -> Data? {
    guard size <= inflationLimit(storedSize: bytes.count) else { return nil }
    switch self {
    case .none: return bytes.count == size ? bytes : nil
    case .gzip: return inflate(bytes, size: size, format: .gzip)
    case .snappy:
      var contents = Data(count: size)
      let isWhole = contents.withUnsafeMutableBytes { output in
        bytes.withUnsafeBytes { input in
          let input = input.bindMemory(to: CChar.self)
          var length = 0
          guard snappy_uncompressed_length(input.baseAddress, input.count, &length) == SNAPPY_OK,
            length == size
          else { return false }
          return snappy_uncompress(
            input.baseAddress, input.count, output.bindMemory(to: CChar.self).baseAddress, &length)
            == SNAPPY_OK
        }
      }
      return isWhole ? contents : nil
    case .zstd:
      var contents = Data(count: size)
      let written = contents.withUnsafeMutableBytes { output in
        bytes.withUnsafeBytes { ZSTD_decompress(output.baseAddress, size, $0.baseAddress, $0.count) }
      }
      return written == size ? contents : nil
    }
  }
}
