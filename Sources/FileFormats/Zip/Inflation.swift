import CZlib
import Foundation

/// What stands around a deflate stream: nothing (RFC 1951), or the header and checksum of zlib (RFC 1950) or gzip (RFC
/// 1952).
enum DeflateFormat: Int32 {
  case raw = -15
  case zlib = 15
  case gzip = 31
}

/// The most bytes that so many may inflate to: embeddings and image ids shrink by a few times, a bomb by a
/// thousand.
func inflationLimit(storedSize: Int) -> Int { max(64 << 20, 100 * storedSize) }

/// Inflates a deflate stream; nil unless it is whole and makes exactly `size` bytes.
func inflate(_ deflated: Data, size: Int, format: DeflateFormat) -> Data? {
  var stream = z_stream()
  guard inflateInit2_(&stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  else {
    return nil
  }
  defer { inflateEnd(&stream) }
  var contents = Data(count: size)
  let status = contents.withUnsafeMutableBytes { output in
    deflated.withUnsafeBytes { input in
      // zlib counts in 32 bits, so both sides are handed over in pieces.
      var (status, read, written) = (Z_OK, 0, 0)
      repeat {
        let piece = input[read...].prefix(1 << 30)
        let room = output[written...].prefix(1 << 30)
        stream.next_in = UnsafeMutablePointer(
          mutating: UnsafeRawBufferPointer(rebasing: piece).bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(piece.count)
        stream.next_out = UnsafeMutableRawBufferPointer(rebasing: room).bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(room.count)
        status = CZlib.inflate(&stream, Z_NO_FLUSH)
        read += piece.count - Int(stream.avail_in)
        written += room.count - Int(stream.avail_out)
      } while status == Z_OK
      return written == size ? status : Z_DATA_ERROR
    }
  }
  return status == Z_STREAM_END ? contents : nil
}
