import CHDF5
import Foundation
import Support

/// h5py's own compression, LZF, which HDF5's library does not know: a filter that is registered with it.
enum LZFFilter {
  /// As h5py has registered it with the HDF Group.
  private static let id: H5Z_filter_t = 32000
  private static let name: StaticString = "lzf"

  static func register() throws {
    var filter = H5Z_class2_t()
    filter.version = 1
    filter.id = id
    filter.decoder_present = 1
    filter.name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    filter.filter = { flags, _, _, count, capacity, buffer in
      guard flags & UInt32(H5Z_FLAG_REVERSE) != 0, let capacity, let buffer, let packed = buffer.pointee
      else { return 0 }
      let input = UnsafeRawBufferPointer(start: packed, count: count)
      guard let unpacked = LZFFilter.unpacked(input), let output = malloc(max(1, unpacked.count)) else {
        return 0
      }
      unpacked.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress { memcpy(output, start, bytes.count) }
      }
      free(packed)
      (buffer.pointee, capacity.pointee) = (output, unpacked.count)
      return unpacked.count
    }
    try HDF5Library.check(H5Zregister(&filter)) { .runtime("HDF5 does not take a filter for LZF: \($0).") }
  }

  /// What LZF has packed; nil where it is damaged. A byte below 32 is a run of so many bytes and one; another is a copy of
  /// what was unpacked before, of a length in its upper three bits, from as far back as the others and the next byte say.
  static func unpacked(_ input: UnsafeRawBufferPointer) -> [UInt8]? {
    var output: [UInt8] = []
    var position = 0
    func next() -> Int? {
      guard position < input.count else { return nil }
      position += 1
      return Int(input[position - 1])
    }
    while let control = next() {
      if control < 32 {
        guard position + control < input.count else { return nil }
        output += input[position...position + control]
        position += control + 1
      } else {
        var length = control >> 5 + 2
        if length == 9 {
          guard let more = next() else { return nil }
          length += more
        }
        guard let low = next() else { return nil }
        let start = output.count - (control & 31) << 8 - low - 1
        guard start >= 0 else { return nil }
        for index in start..<start + length { output.append(output[index]) }
      }
    }
    return output
  }
}
